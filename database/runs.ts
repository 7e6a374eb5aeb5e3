import type { RunRecord } from '../model/record.js';
import type { RunState } from '../model/states.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';

/** @throws UnknownRun */
export async function readRun(db: Database, run: string): Promise<RunRecord> {
  throw new Error('not built yet');
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
  throw new Error('not built yet');
}

/**
 * The id of the one run that is called `prefix` or begins with it.
 *
 * @throws UnknownRun, AmbiguousRun
 */
export async function findRun(db: Database, prefix: string): Promise<string> {
  throw new Error('not built yet');
}

/**
 * Moves a run, with event and audit. Where it stands there already with the same data, nothing happens.
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
  throw new Error('not built yet');
}
