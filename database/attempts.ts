import type { EntityManager } from 'typeorm';
import type { Result } from '../model/record.js';
import type { Database } from './connect.js';
import { lockTasks, mustHold, mustHoldLeases, takeHolders } from './holders.js';
import { row, rows, transaction } from './query.js';
import { NotAuthorised, Refusal, StaleAttempt } from './refusals.js';
import { resultOf, writeRunsResults, type HeldResult } from './results.js';
import { lockRun } from './run-row.js';
import { json } from './storable.js';
import type { RunRow } from './tables/runs.js';
import type { ResultRow, TaskRow } from './tables/tasks.js';
import { appendEvents } from './write-events.js';

export interface DueAttempt {
  readonly host: string;
  readonly attempt: number;
}

export interface BegunAttempt extends DueAttempt {
  readonly holder: number;
  /** Where this attempt has ended already: then nothing may be sent for it again. */
  readonly result?: Result;
}

/**
 * Takes a holder number for the machine of each host and sets the tasks running. Begins nothing where the run's
 * state, a closed gate or a lease that is not held forbids it.
 *
 * @throws NotAuthorised, UnknownRun, UnknownTask, StaleAttempt
 */
export async function beginAttempts(
  db: Database,
  run: string,
  step: string,
  due: readonly DueAttempt[],
): Promise<BegunAttempt[]> {
  if (due.length === 0) return [];
  return transaction(db, async (manager) => {
    await needNotWait(manager);
    mustGoForward(await lockRun(manager, run));
    const { tasks, ended } = await mayBegin(manager, run, step, due);
    const holders = await takeHolders(manager, [...tasks.values()]);
    const begun = due.map((one) => begin(one, holders.get(tasks.get(one.host)?.machine ?? ''), ended));
    await setRunning(manager, run, step, begun, tasks);
    return begun;
  });
}

/**
 * As {@link beginAttempts}, under holders that were taken for a step before, whose results are written in the same
 * transaction; those stay also where nothing is begun. Begins nothing where the run is not to go straight on: it is
 * pausing, or somebody has said a word about it that is not settled yet.
 *
 * @returns undefined where nothing was begun for that reason
 * @throws NotAuthorised, UnknownRun, UnknownTask, StaleAttempt; StaleHolder where somebody else has taken a machine since
 */
export async function beginNext(
  db: Database,
  run: string,
  { step, due, ended }: NextStep,
): Promise<BegunAttempt[] | undefined> {
  const next = await transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    if (ended.length > 0) await writeRunsResults(manager, run, ended);
    try {
      const begun = await beginUnder(manager, locked, step, due);
      if (begun) await needNotWait(manager);
      return { begun };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { refusal: error };
    }
  });
  if ('refusal' in next) throw next.refusal;
  return next.begun;
}

/** What is due next, and what came of the step before. */
export interface NextStep {
  readonly step: string;
  readonly due: readonly (DueAttempt & { readonly holder: number })[];
  readonly ended: readonly HeldResult[];
}

/** Refuses before it writes anything. */
async function beginUnder(
  manager: EntityManager,
  locked: RunRow,
  step: string,
  due: NextStep['due'],
): Promise<BegunAttempt[] | undefined> {
  const { run } = locked;
  mustGoForward(locked);
  if (locked.state !== 'running' || (await hasOpenWord(manager, run))) return undefined;
  const { tasks, ended } = await mayBegin(manager, run, step, due);
  await mustHold(
    manager,
    due.map(({ host, holder }) => ({ run, step, host, holder })),
  );
  const begun = due.map((one) => begin(one, one.holder, ended));
  await setRunning(manager, run, step, begun, tasks);
  return begun;
}

/**
 * Nothing is sent before the intents are on the disk, and they do not get there without what came before them: where a
 * crash takes it back, they are refused.
 */
async function needNotWait(manager: EntityManager): Promise<void> {
  await rows(manager, 'set local synchronous_commit = off');
}

async function hasOpenWord(manager: EntityManager, run: string): Promise<boolean> {
  const open = await row(manager, 'select 1 from verbs where run = $1 and settled_at is null limit 1', [run]);
  return open !== undefined;
}

/** The tasks, locked, and which of the attempts have ended already. @throws as {@link beginAttempts} */
async function mayBegin(
  manager: EntityManager,
  run: string,
  step: string,
  due: readonly DueAttempt[],
): Promise<{ readonly tasks: ReadonlyMap<string, TaskRow>; readonly ended: ReadonlyMap<string, Result> }> {
  const hosts = due.map(({ host }) => host);
  const tasks = await lockTasks(manager, run, step, hosts);
  await mustBeOpen(manager, run, step);
  await mustHoldLeases(manager, run, [...tasks.values()]);
  mustBeNewest(due, tasks);
  return { tasks, ended: await endedAttempts(manager, run, step, due) };
}

/** Forward only: while a run is undone, only its undo may begin anything. */
export function mustGoForward(run: RunRow): void {
  if (run.state !== 'running' && run.state !== 'pausing') throw new NotAuthorised(run.run, `it is ${run.state}`);
}

async function mustBeOpen(manager: EntityManager, run: string, step: string): Promise<void> {
  const closed = await row<{ phase: number }>(
    manager,
    `select phase from gates join tasks using (run, phase) where run = $1 and step = $2 and opened_at is null limit 1`,
    [run, step],
  );
  if (closed) throw new NotAuthorised(run, `the approval of phase ${closed.phase} has not been given`);
}

function mustBeNewest(due: readonly DueAttempt[], tasks: ReadonlyMap<string, TaskRow>): void {
  for (const { host, attempt } of due) {
    const task = tasks.get(host);
    if (task && (attempt < task.attempt || attempt <= task.attempts_before))
      throw new StaleAttempt(task.step, host, attempt, task.attempt);
  }
}

/** Attempts that have a result already, by host. */
async function endedAttempts(
  manager: EntityManager,
  run: string,
  step: string,
  due: readonly DueAttempt[],
): Promise<Map<string, Result>> {
  const found = await rows<ResultRow>(
    manager,
    `select results.* from results
     join jsonb_to_recordset($3::jsonb) as due (host text, attempt integer) using (host, attempt)
     where run = $1 and step = $2`,
    [run, step, json(due)],
  );
  return new Map(found.map((result) => [result.host, resultOf(result)]));
}

/** The first of these steps of which an attempt has not ended; undefined where all have. */
export async function firstOpenStep(
  db: Database,
  run: string,
  steps: readonly { readonly step: string; readonly hosts: readonly DueAttempt[] }[],
): Promise<string | undefined> {
  const due = steps.flatMap(({ step, hosts }, place) => hosts.map((one) => ({ ...one, step, place })));
  const [open] = await rows<{ step: string }>(
    db,
    `select due.step
     from jsonb_to_recordset($2::jsonb) as due (place integer, step text, host text, attempt integer)
     left join results on results.run = $1 and results.step = due.step and results.host = due.host
       and results.attempt = due.attempt
     where results.run is null order by due.place limit 1`,
    [run, json(due)],
  );
  return open?.step;
}

function begin(
  { host, attempt }: DueAttempt,
  holder: number | undefined,
  ended: ReadonlyMap<string, Result>,
): BegunAttempt {
  if (holder === undefined) throw new Error(`no holder number was given for ${host}`);
  const result = ended.get(host);
  return { host, attempt, holder, ...(result ? { result } : {}) };
}

async function setRunning(
  manager: EntityManager,
  run: string,
  step: string,
  begun: readonly BegunAttempt[],
  tasks: ReadonlyMap<string, TaskRow>,
): Promise<void> {
  const started = begun.filter((one) => !one.result).map(({ host, attempt, holder }) => ({ host, attempt, holder }));
  if (started.length === 0) return;
  await rows(
    manager,
    `update tasks set state = 'running', attempt = begun.attempt, holder = begun.holder,
       settled_by = null, settled_because = null
     from jsonb_to_recordset($3::jsonb) as begun (host text, attempt integer, holder bigint)
     where run = $1 and step = $2 and tasks.host = begun.host`,
    [run, step, json(started)],
  );
  // What an earlier worker has begun is taken up again: that is no new beginning.
  const begins = ({ host, attempt }: DueAttempt): boolean => {
    const before = tasks.get(host);
    return before?.state !== 'running' || before.attempt !== attempt;
  };
  const attempts = started.filter(begins).map(({ host, attempt }) => ({ host, attempt }));
  if (attempts.length > 0) await appendEvents(manager, run, [{ kind: 'step-started', data: { step, attempts } }]);
}
