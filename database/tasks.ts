import type { EntityManager } from 'typeorm';
import type { Failure } from '../model/failure.js';
import type { TaskName, TaskRecord } from '../model/record.js';
import type { Ending, TaskState } from '../model/states.js';
import { untold } from '../model/task/untold.js';
import type { Database } from './connect.js';
import { row, rows, transaction, type Reach } from './query.js';
import { UnknownTask } from './refusals.js';
import { lockRun } from './run-row.js';
import { json, storableText } from './storable.js';
import type { TaskRow } from './tables/tasks.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';

/** A task with its place in the run. */
export interface PlacedTask extends TaskRecord {
  readonly phase: number;
  readonly wave: number;
  /** How many times it has gone back to be done again. */
  readonly turn: number;
  readonly exit?: number;
  readonly milliseconds?: number;
  readonly summary?: string;
  /** Who settled it by word, and why. */
  readonly settledBy?: { readonly by: string; readonly because: string };
  /** The newest undo that covered it has left it as it was. */
  readonly left?: { readonly undo: number; readonly because: string };
}

type TaskWithResult = TaskRow & {
  readonly ending: Ending | null;
  readonly exit: number | null;
  readonly milliseconds: number | null;
  readonly summary: string | null;
  readonly failure: Failure | null;
  readonly left_by: number | null;
  readonly left_because: string | null;
};

/** Every task of a run, in the order of phases, waves, steps and hosts. */
export async function readTasks(db: Database, run: string): Promise<PlacedTask[]> {
  return (await taskRows(db, 'run = $1', [run])).map(placedTask);
}

/** Tasks with the result of the highest attempt of their present turn, and with the failure of their undo where that was later. */
export async function taskRows(reach: Reach, where: string, parameters: unknown[]): Promise<TaskWithResult[]> {
  return rows<TaskWithResult>(
    reach,
    `select tasks.*, result.ending, result.exit, result.milliseconds, result.summary,
       case when tasks.state = 'undo_failed' then back.failure else result.failure end as failure,
       left_by, left_because
     from (select * from tasks where ${where}) tasks
     left join results result on (result.run, result.step, result.host, result.attempt)
         = (tasks.run, tasks.step, tasks.host, tasks.attempt)
       and (tasks.attempt > attempts_before or tasks.state <> 'pending')
     left join lateral (
       select failure, case when outcome = 'left' and tasks.state <> 'pending' then undo end as left_by, summary as left_because
       from undo_results back
       where back.run = tasks.run and back.step = tasks.step and back.host = tasks.host order by undo desc limit 1
     ) back on true
     order by phase, wave, position, host`,
    parameters,
  );
}

export function taskRecord(task: TaskWithResult): TaskRecord {
  return {
    step: task.step,
    host: task.host,
    state: task.state,
    attempt: task.attempt,
    settled: task.ending !== null || (task.attempt > 0 && task.attempt === task.attempts_before),
    ...(task.ending === null ? {} : { ending: task.ending }),
    ...failureOf(task),
  };
}

function failureOf({ step, host, attempt, state, ending, failure }: TaskWithResult): { failure?: Failure } {
  if (failure !== null) return { failure };
  return state === 'unknown' && ending === null ? { failure: untold(step, host, attempt) } : {};
}

function placedTask(task: TaskWithResult): PlacedTask {
  const { phase, wave, turn, exit, milliseconds, summary, settled_by: by, settled_because: because } = task;
  const { left_by: undo, left_because: why } = task;
  return {
    ...taskRecord(task),
    phase,
    wave,
    turn,
    ...(exit === null ? {} : { exit }),
    ...(milliseconds === null ? {} : { milliseconds }),
    ...(summary === null ? {} : { summary }),
    ...(by === null ? {} : { settledBy: { by, because: because ?? '' } }),
    ...(undo === null ? {} : { left: { undo, because: why ?? '' } }),
  };
}

/** What somebody says a task is. */
export interface TaskWord extends TaskName {
  readonly state: Extract<TaskState, 'skipped' | 'changed'>;
  readonly because: string;
  readonly by: string;
}

/**
 * Settles a task by an operator's word. What an attempt of it reports later is kept but no longer counts.
 *
 * @throws UnknownRun, UnknownTask
 */
export async function settleTask(db: Database, word: TaskWord): Promise<void> {
  await transaction(db, async (manager) => {
    await lockRun(manager, word.run);
    await settleLocked(manager, word);
  });
}

/** As {@link settleTask}, of a run that is locked already. */
export async function settleLocked(manager: EntityManager, word: TaskWord): Promise<void> {
  const { run, step, host, state, because, by } = word;
  const task = await lockTask(manager, word);
  if (task.settled_by !== null && task.state === state) return;
  await rows(
    manager,
    'update tasks set state = $4, settled_by = $5, settled_because = $6 where run = $1 and step = $2 and host = $3',
    [run, step, host, state, storableText(by), storableText(because)],
  );
  const data = { step, host, state, because, by };
  await appendEvents(manager, run, [{ kind: 'task-settled', data }]);
  await appendAudit(manager, run, [{ kind: 'task-settled', by, data: { ...data, from: task.state } }]);
}

/** @throws UnknownTask */
export async function lockTask(manager: EntityManager, { run, step, host }: TaskName): Promise<TaskRow> {
  const task = await row<TaskRow>(
    manager,
    'select * from tasks where run = $1 and step = $2 and host = $3 for no key update',
    [run, step, host],
  );
  if (!task) throw new UnknownTask(step, host);
  return task;
}

/**
 * Makes failed, unreachable and unknown tasks pending again, so that their next attempt is due.
 *
 * @returns the tasks that were reopened
 * @throws UnknownRun
 */
export async function reopenTasks(
  db: Database,
  run: string,
  tasks: readonly { readonly step: string; readonly host: string }[],
  by: string,
): Promise<{ step: string; host: string }[]> {
  return transaction(db, async (manager) => {
    await lockRun(manager, run);
    return reopenLocked(manager, run, tasks, ['failed', 'unreachable', 'unknown', 'undo_failed'], by);
  });
}

/** Makes those of the tasks that stand in one of `states` pending again, in a run that is locked already. */
export async function reopenLocked(
  manager: EntityManager,
  run: string,
  tasks: readonly { readonly step: string; readonly host: string }[],
  states: readonly TaskState[],
  by: string,
): Promise<{ step: string; host: string }[]> {
  const reopened = await rows<{ step: string; host: string }>(
    manager,
    `update tasks set state = 'pending', settled_by = null, settled_because = null
     from jsonb_to_recordset($2::jsonb) as named (step text, host text)
     where run = $1 and tasks.step = named.step and tasks.host = named.host and state = any ($3)
     returning tasks.step, tasks.host`,
    [run, json(tasks), states],
  );
  if (reopened.length > 0) {
    await appendEvents(manager, run, [{ kind: 'tasks-reopened', data: { tasks: reopened, by } }]);
    await appendAudit(manager, run, [{ kind: 'tasks-reopened', by, data: { tasks: reopened } }]);
  }
  return reopened;
}

/** The turn of a step's task on each host: how many times it has gone back to be done again. */
export async function readTurns(db: Database, run: string, step: string): Promise<ReadonlyMap<string, number>> {
  const found = await rows<Pick<TaskRow, 'host' | 'turn'>>(
    db,
    'select host, turn from tasks where run = $1 and step = $2',
    [run, step],
  );
  return new Map(found.map(({ host, turn }) => [host, turn]));
}
