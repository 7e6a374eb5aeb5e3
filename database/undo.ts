import type { EntityManager } from 'typeorm';
import { isFinal } from '../model/moves.js';
import type { UndoOutcome, UndoOutline, UndoResult } from '../model/record.js';
import type { RunState, TaskState } from '../model/states.js';
import type { BegunAttempt } from './attempts.js';
import type { Database } from './connect.js';
import { lockTasks, mustHoldLeases, takeHolders } from './holders.js';
import { readPlan } from './plans.js';
import { lockLine } from './lease-queue.js';
import { waitsForLeases } from './lease-turns.js';
import { giveUpLeases } from './leases.js';
import { row, rows, transaction } from './query.js';
import { NotAuthorised, UnknownTask } from './refusals.js';
import { lockRun, moveLocked, runRow } from './run-row.js';
import { json } from './storable.js';
import type { UndoResultRow } from './tables/operators.js';
import type { RunRow } from './tables/runs.js';
import { barriersOf, triedRows } from './undo-outline.js';
import { goneWith } from './undone-by.js';
import { standAfterUndo } from './undo-partly.js';
import { mustBeUndoing, undoRow } from './undo-row.js';
import { scopeOf } from './undo-scope.js';
import { appendEvents, type NewEvent } from './write-events.js';

/**
 * Every task that the undo covers and that was tried, in barriers in the order in which they go back: phase, wave and step from
 * the last to the first.
 *
 * @throws UnknownRun, UnknownUndo
 */
export async function readUndo(db: Database, run: string, undo: number): Promise<UndoOutline> {
  const found = await runRow(db, run);
  const { plan_hash: planHash } = found;
  const opened = await undoRow(db.manager, run, undo);
  const open = opened.ended_at === null;
  const scope = scopeOf(opened);
  const barriers = barriersOf(await readPlan(db, planHash), await triedRows(db, run, undo));
  const queued = open && waitsForLeases(found);
  return { run, undo, planHash, open, ...(scope ? { scope } : {}), barriers, ...(queued ? { queued } : {}) };
}

/**
 * Whether the undo of a part goes on. Where it has ended the run must stand as that has left it: whoever waits for it
 * now, and finds that the run has gone on, was started a second time.
 *
 * @throws NotAuthorised, UnknownRun, UnknownUndo
 */
export async function undoIsOpen(db: Database, run: string, undo: number): Promise<boolean> {
  if ((await undoRow(db.manager, run, undo)).ended_at === null) return true;
  // Read after it: the two change in one transaction.
  const { state, standing } = await runRow(db, run);
  if (state !== 'paused' || standing['undo'] !== undo)
    throw new NotAuthorised(run, `it has gone on since undo ${undo}`);
  return false;
}

/**
 * Takes a holder number for the machine of each host, to undo the step's highest attempt there.
 *
 * @throws NotAuthorised where the run is not undoing, lacks a lease, or this undo is closed; UnknownRun, UnknownTask,
 * UnknownUndo
 */
export async function beginUndoAttempts(
  db: Database,
  run: string,
  undo: number,
  step: string,
  hosts: readonly string[],
): Promise<Omit<BegunAttempt, 'result'>[]> {
  if (hosts.length === 0) return [];
  return transaction(db, async (manager) => {
    await mustBeUndoing(manager, await lockRun(manager, run), undo);
    const tasks = [...(await lockTasks(manager, run, step, hosts)).values()];
    await mustHoldLeases(manager, run, tasks);
    const holders = await takeHolders(manager, tasks);
    const begun = tasks.map(({ host, attempt, machine }) => ({ host, attempt, holder: holders.get(machine) ?? 0 }));
    await rows(
      manager,
      `update tasks set holder = begun.holder
       from jsonb_to_recordset($3::jsonb) as begun (host text, holder bigint)
       where run = $1 and step = $2 and tasks.host = begun.host`,
      [run, step, json(begun)],
    );
    const attempts = begun.map(({ host, attempt }) => ({ host, attempt }));
    await appendEvents(manager, run, [{ kind: 'undo-step-started', data: { undo, step, attempts } }]);
    return begun;
  });
}

/** What an undo's outcome makes of a task; what is left by design stays as it was. */
const stateAfterUndo: Readonly<Record<UndoOutcome, TaskState | null>> = {
  undone: 'undone',
  undo_failed: 'undo_failed',
  decide: 'undo_failed',
  left: null,
};

/**
 * Writes what hosts came to; a later result replaces an earlier one, save that `undone` stays. What comes once the undo
 * has ended, or under a holder that was displaced, does not count, and that is said. Of restarts it is only told: their
 * tasks stand as they did.
 *
 * @throws UnknownRun, UnknownUndo, UnknownTask
 */
export async function writeUndoResults(
  db: Database,
  run: string,
  undo: number,
  results: readonly UndoResult[],
): Promise<void> {
  await transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    const over = (await undoRow(manager, run, undo)).ended_at !== null;
    await mustBeTasks(manager, run, results);
    const ignored = over ? results : await ofStaleHolders(manager, run, results);
    const counted = results.filter((one) => !ignored.includes(one));
    const ofTasks = counted.filter(({ restarts }) => restarts === undefined);
    const written = await upsertUndoResults(manager, run, undo, ofTasks);
    written.push(...(await withThem(manager, locked, undo, written, ofTasks)));
    const states = written.map(({ step, host, outcome }) => ({ step, host, state: stateAfterUndo[outcome] }));
    await rows(
      manager,
      `update tasks set state = ended.state
       from jsonb_to_recordset($2::jsonb) as ended (step text, host text, state text)
       where run = $1 and tasks.step = ended.step and tasks.host = ended.host and ended.state is not null`,
      [run, json(states)],
    );
    const because = over ? 'undo-ended' : 'stale-holder';
    await appendEvents(manager, run, [
      ...ignored.map(({ step, host }) => ({ kind: 'result-ignored' as const, data: { undo, step, host, because } })),
      ...written.map((one) => ({ kind: 'task-undone' as const, data: told(undo, one) })),
      ...counted.flatMap((one) =>
        one.restarts === undefined
          ? []
          : [{ kind: 'service-restarted' as const, data: { ...told(undo, one), service: one.restarts } }],
      ),
    ]);
  });
}

/** What an event says of how one host came out. */
function told(undo: number, one: UndoResult | UndoResultRow): NewEvent['data'] {
  const { step, host, outcome, summary, failure } = one;
  return { undo, step, host, outcome, summary, ...(failure ? { failure: { ...failure } } : {}) };
}

/** Writes what went back with what has: tasks whose steps say that an earlier one takes them back. */
async function withThem(
  manager: EntityManager,
  { run, plan_hash: hash }: RunRow,
  undo: number,
  written: readonly UndoResultRow[],
  results: readonly UndoResult[],
): Promise<UndoResultRow[]> {
  const back = written
    .filter(({ outcome }) => outcome === 'undone')
    .flatMap(({ step, host }) => results.find((one) => one.step === step && one.host === host) ?? []);
  if (back.length === 0) return [];
  const more = await goneWith(manager, { run, undo }, await readPlan(manager, hash), back);
  return more.length === 0 ? [] : upsertUndoResults(manager, run, undo, more);
}

/** Those that were got under a holder since which another one has begun with the task. */
async function ofStaleHolders(
  manager: EntityManager,
  run: string,
  results: readonly UndoResult[],
): Promise<readonly UndoResult[]> {
  const stale = await rows<{ step: string; host: string }>(
    manager,
    `select step, host from jsonb_to_recordset($2::jsonb) as result (step text, host text, holder bigint)
     join tasks using (step, host) where run = $1 and result.holder < tasks.holder`,
    [run, json(results)],
  );
  return results.filter(({ step, host }) => stale.some((one) => one.step === step && one.host === host));
}

async function mustBeTasks(manager: EntityManager, run: string, results: readonly UndoResult[]): Promise<void> {
  const missing = await row<{ step: string; host: string }>(
    manager,
    `select step, host from jsonb_to_recordset($2::jsonb) as named (step text, host text)
     except select step, host from tasks where run = $1 limit 1`,
    [run, json(results)],
  );
  if (missing) throw new UnknownTask(missing.step, missing.host);
}

/** Only those that say something new are written, and given back. */
async function upsertUndoResults(
  manager: EntityManager,
  run: string,
  undo: number,
  results: readonly UndoResult[],
): Promise<UndoResultRow[]> {
  return rows<UndoResultRow>(
    manager,
    `insert into undo_results as present (run, undo, step, host, outcome, failure, summary)
     select $1, $2, step, host, outcome, failure, summary
     from jsonb_to_recordset($3::jsonb) as result (step text, host text, outcome text, failure jsonb, summary text)
     on conflict (run, undo, step, host) do update
       set outcome = excluded.outcome, failure = excluded.failure, summary = excluded.summary, at = clock_timestamp()
       where present.outcome <> 'undone' and (present.outcome, present.failure, present.summary)
         is distinct from (excluded.outcome, excluded.failure, excluded.summary)
     returning *`,
    [run, undo, json(results)],
  );
}

/**
 * Closes an undo and moves the run: to its end, or to `paused` where only a part of it went back. Doing it twice is
 * harmless.
 *
 * @param quiet - nothing of the run goes on on its hosts: where it ends, its leases go in the same transaction
 * @throws UnknownRun, UnknownUndo, IllegalMove
 */
export async function finishUndo(
  db: Database,
  run: string,
  undo: number,
  state: 'undone' | 'undo_incomplete',
  quiet = false,
): Promise<void> {
  await transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    if (quiet) await lockLine(manager);
    const open = await undoRow(manager, run, undo);
    if (open.ended_at !== null) return;
    await closeUndo(manager, run, undo, state);
    const scope = scopeOf(open);
    if (scope) return standAfterUndo(manager, locked, open, scope);
    await moveLocked(manager, locked, state, { undo });
    if (quiet) await giveUpLeases(manager, run);
  });
}

/**
 * Closes an undo that still waits for its leases, and so has done nothing; the run stands again as it did before.
 * Doing it twice is harmless.
 *
 * @throws UnknownRun, UnknownUndo
 */
export async function withdrawUndo(db: Database, run: string, undo: number, by: string): Promise<void> {
  await transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    if ((await undoRow(manager, run, undo)).ended_at !== null) return;
    const was = locked.standing['was'] as RunState;
    if (!waitsForLeases(locked) || !isFinal(was)) throw new NotAuthorised(run, `its undo ${undo} has begun`);
    await closeUndo(manager, run, undo, 'withdrawn');
    await moveLocked(manager, locked, was, { undo, by, because: `undo ${undo} was withdrawn by ${by}` });
  });
}

async function closeUndo(manager: EntityManager, run: string, undo: number, outcome: string): Promise<void> {
  await rows(manager, 'update undos set ended_at = clock_timestamp(), outcome = $3 where run = $1 and undo = $2', [
    run,
    undo,
    outcome,
  ]);
  await appendEvents(manager, run, [{ kind: 'undo-finished', data: { undo, state: outcome } }]);
}
