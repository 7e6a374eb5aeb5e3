import type { Database } from './connect.js';

export interface Lease {
  readonly machine: string;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/**
 * Takes the leases of all machines of a run, or none. Those it holds already stay as they are.
 *
 * @throws LeaseHeld, UnknownRun
 */
export async function takeLeases(db: Database, run: string): Promise<void> {
  throw new Error('not built yet');
}

/** Gives up all leases of a run. */
export async function releaseLeases(db: Database, run: string): Promise<void> {
  throw new Error('not built yet');
}

/** Since when (ISO 8601) the run has held all its leases without a break; undefined where it does not hold them. */
export async function leasesHeldSince(db: Database, run: string): Promise<string | undefined> {
  throw new Error('not built yet');
}

export async function readLeases(db: Database): Promise<Lease[]> {
  throw new Error('not built yet');
}
