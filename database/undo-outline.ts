import type { Plan, PlannedStep } from '../model/plan.js';
import type { UndoBarrier, UndoOutcome, UndoTask } from '../model/record.js';
import type { Failure } from '../model/failure.js';
import type { Ending } from '../model/states.js';
import type { Database } from './connect.js';
import { operationPlace } from './outlines.js';
import { rows } from './query.js';
import type { TaskRow } from './tables/tasks.js';
import { inScope, undoOfTask } from './undo-scope.js';

type TriedRow = TaskRow & {
  readonly ending: Ending | null;
  readonly pre_image: string | null;
  readonly post_image: string | null;
  readonly intent: boolean;
  readonly acted: boolean;
  readonly lease_kept: boolean;
  readonly outcome: UndoOutcome | null;
  readonly failure: Failure | null;
};

/** Every task of an undo that was tried in its present turn, from the last phase, wave and step to the first. */
export async function triedRows(db: Database, run: string, undo: number): Promise<TriedRow[]> {
  return rows<TriedRow>(
    db,
    `select tasks.*, result.ending, image.pre_image, result.post_image, begun.tenure is not null as intent,
       coalesce(begun.acted, false) as acted, leases_since is not null and coalesce(begun.tenure = runs.tenure, false) as lease_kept,
       back.outcome, back.failure
     from tasks
     join runs using (run)
     ${undoOfTask}
     left join results result on (result.run, result.step, result.host, result.attempt)
       = (tasks.run, tasks.step, tasks.host, tasks.attempt)
     left join undo_results back on (back.run, back.step, back.host, back.undo) = (tasks.run, tasks.step, tasks.host, $2)
     left join lateral (
       select pre_image from results one
       where (one.run, one.step, one.host) = (tasks.run, tasks.step, tasks.host) and one.pre_image is not null
         and one.attempt > attempts_before
       order by attempt desc limit 1
     ) image on true
     left join lateral (
       select min(intents.tenure) as tenure, bool_or(one.ending is null or one.ending in ('done', 'partial', 'unknown')) as acted
       from intents left join results one using (run, step, host, attempt)
       where (intents.run, intents.step, intents.host) = (tasks.run, tasks.step, tasks.host) and part = 'do'
         and intents.attempt > attempts_before
     ) begun on true
     where tasks.run = $1 and tasks.attempt > attempts_before and ${inScope}
     order by phase desc, wave desc, position desc, host`,
    [run, undo],
  );
}

/** Tasks that go back together, in one barrier each. */
export function barriersOf(plan: Plan, tried: readonly TriedRow[]): UndoBarrier[] {
  const barriers: (UndoBarrier & { readonly hosts: UndoTask[] })[] = [];
  for (const task of tried) {
    const last = barriers.at(-1);
    const same = last?.phase === task.phase && last.wave === task.wave && last.step === task.step;
    if (last && same) last.hosts.push(undoTask(task));
    else barriers.push({ ...barrierOf(plan, task), hosts: [undoTask(task)] });
  }
  return barriers;
}

function barrierOf(plan: Plan, { phase, wave, step, position }: TriedRow): Omit<UndoBarrier, 'hosts'> {
  const planned: PlannedStep | undefined = plan.phases[phase]?.steps[position];
  if (!planned) throw new Error(`the plan has no step ${step} in phase ${phase}`);
  const { name, undo, timeout } = planned;
  return { phase, wave, step, name, on: operationPlace(planned), how: undo.how, timeout };
}

function undoTask(task: TriedRow): UndoTask {
  return {
    host: task.host,
    attempt: task.attempt,
    intent: task.intent,
    acted: task.acted,
    state: task.state,
    leaseKept: task.lease_kept,
    ...(task.ending === null ? {} : { ending: task.ending }),
    ...(task.pre_image === null ? {} : { preImage: task.pre_image }),
    ...(task.post_image === null ? {} : { postImage: task.post_image }),
    ...(task.outcome === null ? {} : { outcome: task.outcome }),
    ...(task.failure === null ? {} : { failure: task.failure }),
  };
}
