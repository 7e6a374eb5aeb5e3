import type { Intent } from '../model/record.js';
import type { Ending } from '../model/states.js';
import type { Database } from './connect.js';

/** A restart that `service` on `host` will owe if `step` changes something there. */
export interface Owing {
  readonly host: string;
  readonly service: string;
  readonly step: string;
}

/**
 * Writes what is about to be sent, and the restarts it will cause, in one batch. The first intent of an attempt
 * stays as it is: its nonce and boot id are the evidence.
 *
 * @returns the intents as they stand
 * @throws StaleHolder where somebody else has taken a machine since
 */
export async function writeIntents(
  db: Database,
  intents: readonly Intent[],
  owes: readonly Owing[],
): Promise<Intent[]> {
  throw new Error('not built yet');
}

export interface RecordedIntent extends Intent {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** How the attempt ended, where a result was written. Never there for an undo. */
  readonly ending?: Ending;
}

/** All intents of a step, oldest first. */
export async function readIntents(db: Database, run: string, step: string): Promise<RecordedIntent[]> {
  throw new Error('not built yet');
}
