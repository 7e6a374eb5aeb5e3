import type { Result } from '../model/record.js';
import type { Database } from './connect.js';

export interface DueAttempt {
  readonly host: string;
  readonly attempt: number;
}

export interface BegunAttempt extends DueAttempt {
  readonly holder: number;
  /** Where this attempt has ended already: then nothing may be sent for it again. */
  readonly result?: Result;
}

/**
 * Takes a holder number for the machine of each host and sets the tasks running. Begins nothing where the run's
 * state or a closed gate forbids it.
 *
 * @throws NotAuthorised, UnknownRun, UnknownTask, StaleAttempt
 */
export async function beginAttempts(
  db: Database,
  run: string,
  step: string,
  due: readonly DueAttempt[],
): Promise<BegunAttempt[]> {
  throw new Error('not built yet');
}
