import type { RunRecord } from '../model/record.js';
import type { RunState } from '../model/states.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';
import { row, rows, transaction } from './query.js';
import { AmbiguousRun, UnknownRun } from './refusals.js';
import { lockRun, sendLocked } from './run-row.js';
import type { RunRow } from './tables/runs.js';

type ListedRow = RunRow & { undo: number | null; undo_open: boolean | null };

const listed = `
  select runs.*, undos.undo, undos.ended_at is null as undo_open
  from runs left join lateral (
    select undo, ended_at from undos where undos.run = runs.run order by undo desc limit 1
  ) undos on true`;

/** @throws UnknownRun */
export async function readRun(db: Database, run: string): Promise<RunRecord> {
  const found = await row<ListedRow>(db, `${listed} where runs.run = $1`, [run]);
  if (!found) throw new UnknownRun(run);
  return recordOf(found);
}

/** The hash of the plan that the run has now. @throws UnknownRun */
export async function planHashOf(db: Database, run: string): Promise<string> {
  const found = await row<{ plan_hash: string }>(db, 'select plan_hash from runs where run = $1', [run]);
  if (!found) throw new UnknownRun(run);
  return found.plan_hash;
}

export interface RunFilter {
  /** Only runs that wait for a person: `waiting` and `paused`. */
  readonly waiting?: boolean;
  readonly limit: number;
  /** Only runs older than this one, for the next page. */
  readonly before?: string;
}

/** Newest first. */
export async function listRuns(db: Database, filter: RunFilter): Promise<RunRecord[]> {
  const found = await rows<ListedRow>(
    db,
    `${listed} where ($1 = false or state in ('waiting', 'paused'))
       and ($2::text is null or number < (select number from runs where run = $2))
     order by number desc limit $3`,
    [filter.waiting ?? false, filter.before ?? null, filter.limit],
  );
  return found.map(recordOf);
}

function recordOf(found: ListedRow): RunRecord {
  return {
    run: found.run,
    runbook: found.runbook,
    planHash: found.plan_hash,
    state: found.state,
    standing: found.standing,
    by: found.started_by,
    startedAt: found.started_at.toISOString(),
    changedAt: found.changed_at.toISOString(),
    ...(found.ended_at === null ? {} : { endedAt: found.ended_at.toISOString() }),
    ...(found.undo === null ? {} : { undo: { number: found.undo, open: found.undo_open === true } }),
  };
}

/**
 * The id of the one run that is called `prefix` or begins with it.
 *
 * @throws UnknownRun, AmbiguousRun
 */
export async function findRun(db: Database, prefix: string): Promise<string> {
  const found = await rows<{ run: string }>(
    db,
    'select run from runs where starts_with(run, $1) order by run <> $1, run limit 6',
    [prefix],
  );
  const [first, second] = found.map((one) => one.run);
  if (first === undefined || prefix === '') throw new UnknownRun(prefix);
  if (first !== prefix && second !== undefined)
    throw new AmbiguousRun(
      prefix,
      found.map((one) => one.run),
    );
  return first;
}

/**
 * Moves a run on its way, with event and audit; only `startUndo` has it turn back. Where it stands there already with
 * the same data, nothing happens; a run that has ended keeps the data of its first ending.
 *
 * @param data - what the move says about itself; becomes the run's `standing`. `by` in it names who is behind it.
 * @throws UnknownRun, IllegalMove
 */
export async function moveRun(
  db: Database,
  run: string,
  to: RunState,
  data: Readonly<Record<string, Value>> = {},
): Promise<void> {
  await transaction(db, async (manager) => sendLocked(manager, await lockRun(manager, run), to, data));
}
