import type { TaskState } from '../model/states.js';
import { rows, type Reach } from './query.js';
import type { TaskRow } from './tables/tasks.js';

/** Where something of a task may still go on, as its state says it: its outcome is open or unknown. */
const restlessStates: readonly TaskState[] = ['running', 'unknown'];

/**
 * Tasks of a run of which something may still go on on their hosts. Whatever has been said about a task since: what was
 * announced to a host in its present turn and has told no end may run there, until a later attempt has acted or the
 * task was undone, before which it is ended.
 */
export async function restlessTasks(reach: Reach, run: string): Promise<Pick<TaskRow, 'step' | 'host' | 'turn'>[]> {
  return rows(
    reach,
    `select step, host, turn from tasks
     where run = $1 and state <> 'undone' and (state = any ($2) or exists (
       select from intents left join results using (run, step, host, attempt)
       where (run, step, host, part) = (tasks.run, tasks.step, tasks.host, 'do') and nonce <> ''
         and attempt > attempts_before and coalesce(ending, 'unknown') = 'unknown'
         and not exists (
           select from results later
           where (later.run, later.step, later.host) = (tasks.run, tasks.step, tasks.host)
             and later.attempt > intents.attempt and later.ending in ('done', 'partial')
         )
     ))
     order by phase, wave, position, host`,
    [run, restlessStates],
  );
}
