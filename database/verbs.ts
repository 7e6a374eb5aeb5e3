import type { VerbOutcome, VerbRecord } from '../model/record.js';
import type { Database } from './connect.js';

/** A verb as a door hands it in. */
export interface VerbWord extends VerbRecord {
  readonly idempotencyKey?: string;
}

/**
 * Writes an operator's word down before anybody is told of it; approve and reject also cast the vote.
 *
 * @returns the verb as it stands, which is an earlier one where id or idempotency key were used for the same word
 * @throws UnknownRun, UnknownGate, VerbIncomplete, IdempotencyConflict
 */
export async function commitVerb(db: Database, word: VerbWord): Promise<VerbRecord> {
  throw new Error('not built yet');
}

/** @throws UnknownVerb */
export async function readVerb(db: Database, id: string): Promise<VerbRecord & { outcome?: VerbOutcome }> {
  throw new Error('not built yet');
}

/**
 * Writes what became of a verb.
 *
 * @returns the outcome that was written first
 * @throws UnknownVerb
 */
export async function settleVerb(db: Database, id: string, outcome: VerbOutcome): Promise<VerbOutcome> {
  throw new Error('not built yet');
}

/** Verbs that nobody was told of and that nothing became of yet, oldest first. */
export async function undeliveredVerbs(db: Database, olderThanMs: number): Promise<VerbRecord[]> {
  throw new Error('not built yet');
}

export async function markDelivered(db: Database, id: string): Promise<void> {
  throw new Error('not built yet');
}

/**
 * Waits until something became of a verb, `ms` milliseconds at most; undefined where nothing did.
 *
 * @throws UnknownVerb
 */
export async function waitVerb(db: Database, id: string, ms: number): Promise<VerbOutcome | undefined> {
  throw new Error('not built yet');
}
