import { openStates } from '../model/moves.js';
import type { RunState } from '../model/states.js';
import type { Database } from './connect.js';
import { rows } from './query.js';
import type { RunRow } from './tables/runs.js';

/** Runs that are still `planned` some time after they were written: Temporal may never have heard of them. */
export async function runsToStart(db: Database, olderThanMs: number): Promise<string[]> {
  const found = await rows<{ run: string }>(
    db,
    `select run from runs where ended_at is null and state = 'planned'
       and started_at <= clock_timestamp() - $1 * interval '1 millisecond' order by number`,
    [olderThanMs],
  );
  return found.map(({ run }) => run);
}

export interface OpenRun {
  readonly run: string;
  readonly state: RunState;
  /** The number of its open undo; then that workflow speaks for the run. */
  readonly undo?: number;
  /** It is planned, or waits for its first leases, so nothing of it has been done anywhere. */
  readonly neverBegan: boolean;
  /** ISO 8601, UTC: when it last moved. */
  readonly changedAt: string;
}

/** All runs that have not ended, oldest first. */
export async function openRuns(db: Database): Promise<OpenRun[]> {
  const found = await rows<Pick<RunRow, 'run' | 'state' | 'changed_at' | 'tenure'> & { undo: number | null }>(
    db,
    `select run, state, changed_at, tenure, undo from runs
     left join (select run, undo from undos where ended_at is null) open using (run)
     where state = any ($1) order by number`,
    [openStates],
  );
  return found.map(({ run, state, changed_at, tenure, undo }) => ({
    run,
    state,
    neverBegan: state === 'planned' || (state === 'waiting' && tenure === 0),
    changedAt: changed_at.toISOString(),
    ...(undo === null ? {} : { undo }),
  }));
}

/** Runs that have ended but still hold leases, because of a crash between the two. */
export async function closedRunsWithLeases(db: Database): Promise<string[]> {
  const found = await rows<{ run: string }>(
    db,
    'select distinct run, number from leases join runs using (run) where ended_at is not null order by number',
  );
  return found.map(({ run }) => run);
}
