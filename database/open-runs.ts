import type { RunState } from '../model/states.js';
import type { Database } from './connect.js';

/** Runs that are still `planned` some time after they were written: Temporal may never have heard of them. */
export async function runsToStart(db: Database, olderThanMs: number): Promise<string[]> {
  throw new Error('not built yet');
}

export interface OpenRun {
  readonly run: string;
  readonly state: RunState;
  /** The number of its open undo; then that workflow speaks for the run. */
  readonly undo?: number;
  /** ISO 8601, UTC: when it last moved. */
  readonly changedAt: string;
}

/** All runs that have not ended, oldest first. */
export async function openRuns(db: Database): Promise<OpenRun[]> {
  throw new Error('not built yet');
}

/** Runs that have ended but still hold leases, because of a crash between the two. */
export async function closedRunsWithLeases(db: Database): Promise<string[]> {
  throw new Error('not built yet');
}
