import type { Intent, TaskName } from '../model/record.js';
import type { Database } from './connect.js';
import type { Owing } from './intents.js';

/**
 * Writes an intent together with the sealed pre-image of what it is about to change. The pre-image of the first
 * attempt that may have changed something stays.
 *
 * @returns the pre-image that stands
 * @throws StaleHolder
 */
export async function keepPreImage(
  db: Database,
  intent: Intent,
  sealed: Uint8Array,
  owes: readonly Owing[] = [],
): Promise<Uint8Array> {
  throw new Error('not built yet');
}

/** Sealed; undefined where the task has none. */
export async function readPreImage(db: Database, task: TaskName): Promise<Uint8Array | undefined> {
  throw new Error('not built yet');
}
