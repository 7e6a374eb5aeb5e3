import type { Result } from '../model/record.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';

/** A result, and the holder under which it was got, where there was one. */
export type HeldResult = Result & { readonly holder?: number };

/** A result that did not count, and why. */
export interface IgnoredResult {
  readonly step: string;
  readonly host: string;
  readonly attempt: number;
  readonly because: 'recorded-before' | 'later-attempt' | 'stale-holder' | 'settled-by-word';
}

/**
 * Writes results in one batch, with the states, values and events they lead to. The first result of an attempt
 * counts; writing it again is harmless.
 *
 * @returns the results that did not count
 * @throws UnknownRun, UnknownTask
 */
export async function writeResults(db: Database, results: readonly HeldResult[]): Promise<IgnoredResult[]> {
  throw new Error('not built yet');
}

/** The results of a step, by attempt. */
export async function readResults(db: Database, run: string, step: string): Promise<Result[]> {
  throw new Error('not built yet');
}

/** What was registered, by step, host and name, from the newest attempts. */
export async function readBindings(
  db: Database,
  run: string,
): Promise<Record<string, Record<string, Record<string, Value>>>> {
  throw new Error('not built yet');
}
