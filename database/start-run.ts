import type { Database } from './connect.js';

export interface RunRequest {
  readonly run: string;
  readonly planHash: string;
  readonly by: string;
  readonly idempotencyKey: string;
  /** Hex SHA-256 of the request, by which a second use of the key for something else is noticed. */
  readonly requestDigest: string;
}

/**
 * Writes a run with its tasks, gates and leases, or nothing at all. The same key and digest give the run that was
 * started first.
 *
 * @throws IdempotencyConflict, LeaseHeld, UnknownPlan, RunExists
 */
export async function startRun(db: Database, request: RunRequest): Promise<{ run: string; created: boolean }> {
  throw new Error('not built yet');
}
