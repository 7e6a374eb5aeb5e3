import type { EntityManager } from 'typeorm';
import type { TaskState } from '../model/states.js';
import { rows } from './query.js';
import { appendEvents } from './write-events.js';

/**
 * A run that ends leaves no task `running`. What was announced to a host and has told no end is `unknown`; what was
 * never announced is as if it had not begun. A result that still comes counts as any other.
 */
export async function settleOpenTasks(manager: EntityManager, run: string): Promise<void> {
  const settled = await rows<{ step: string; host: string; state: TaskState }>(
    manager,
    `update tasks set state = case when exists (
       select from intents i where (i.run, i.step, i.host, i.part) = (tasks.run, tasks.step, tasks.host, 'do')
     ) then 'unknown' else 'pending' end
     where run = $1 and state = 'running' returning step, host, state`,
    [run],
  );
  await appendEvents(
    manager,
    run,
    settled.map(({ step, host, state }) => ({
      kind: 'task-settled',
      data: { step, host, state, by: 'belay', because: becauseOf(state) },
    })),
  );
}

function becauseOf(state: TaskState): string {
  return state === 'unknown'
    ? 'the run ended before it had told how it ended'
    : 'the run ended before anything was sent to the host';
}
