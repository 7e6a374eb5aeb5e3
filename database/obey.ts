import type { EntityManager } from 'typeorm';
import type { VerbOutcome, VerbRecord } from '../model/record.js';
import { waitsForDecision } from '../model/task/rounds.js';
import { changePlan } from './change-plan.js';
import type { Database } from './connect.js';
import { excludeByWord } from './excluded-hosts.js';
import { retryFrom, type StandingWave } from './retry-from.js';
import type { RunRow } from './tables/runs.js';
import { reopenLocked, settleLocked, taskRows } from './tasks.js';
import { obeyVerb, readVerb } from './verbs.js';

/** What became of a word, and whether it lets a run go on that waited for a decision. */
export interface Obeyed extends VerbOutcome {
  readonly decides: boolean;
}

/**
 * Does what a word about tasks, hosts or the plan asks for, and writes what became of it, in one transaction.
 *
 * @param late - said with the refusal of what somebody else's word has overtaken
 * @throws UnknownVerb, UnknownRun
 */
export async function obey(db: Database, id: string, where: StandingWave, late: string): Promise<Obeyed> {
  const { verb } = await readVerb(db, id);
  let idle = false;
  const outcome = await obeyVerb(db, id, async (manager, said, run) => {
    if (said.verb !== 'exclude') return apply(manager, run, where, said, late);
    const excluded = await excludeByWord(manager, said);
    // Nobody waited for a decision about that host.
    idle = excluded.decided === 0;
    return excluded.outcome;
  });
  return { ...outcome, decides: outcome.accepted && verb !== 'edit' && !idle };
}

async function apply(
  manager: EntityManager,
  run: RunRow,
  where: StandingWave,
  verb: VerbRecord,
  late: string,
): Promise<VerbOutcome> {
  switch (verb.verb) {
    case 'retry':
      return verb.arguments.from === undefined
        ? decideTasks(manager, where, verb, late)
        : retryFrom(manager, run, where, verb, verb.arguments.from);
    case 'skip':
    case 'mark-done':
      return decideTasks(manager, where, verb, late);
    case 'edit':
      return changePlan(manager, run, verb);
    default:
      return { accepted: true, because: 'recorded' };
  }
}

/** What tasks that failed become by a word. */
const become: Readonly<Record<string, string>> = {
  retry: 'to be tried again',
  skip: 'skipped',
  'mark-done': 'marked done',
};

/** The word, about the failed tasks of the wave that it names. */
async function decideTasks(
  manager: EntityManager,
  { phase, wave }: StandingWave,
  { run, verb, arguments: said, by }: VerbRecord,
  late: string,
): Promise<VerbOutcome> {
  const { step, host, reason = '' } = said;
  const tasks = (await taskRows(manager, 'run = $1 and phase = $2 and wave = $3', [run, phase, wave])).filter(
    (task) => waitsForDecision(task.state) && (step ?? task.step) === task.step && (host ?? task.host) === task.host,
  );
  if (tasks.length === 0)
    return { accepted: false, because: `no failed, unreachable or unknown task of this wave goes by that name${late}` };
  if (verb === 'retry')
    await reopenLocked(
      manager,
      run,
      tasks,
      tasks.map((task) => task.state),
      by,
    );
  else {
    const state = verb === 'skip' ? 'skipped' : 'changed';
    for (const task of tasks)
      await settleLocked(manager, { run, step: task.step, host: task.host, state, because: reason, by });
  }
  return { accepted: true, because: `${tasks.length} ${tasks.length === 1 ? 'task' : 'tasks'} ${become[verb] ?? ''}` };
}
