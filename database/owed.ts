import type { Database } from './connect.js';

export interface OwedRestart {
  readonly host: string;
  readonly service: string;
  /** Hand it to `payRestarts` once the restart is verified: what became owed later stays owed. */
  readonly upTo: number;
}

/** Which of these services owe a restart. Owed is by machine, over all runs; `run` says what its host names mean. */
export async function owedRestarts(
  db: Database,
  run: string,
  pairs: readonly { readonly host: string; readonly service: string }[],
): Promise<OwedRestart[]> {
  throw new Error('not built yet');
}

/** Notes that restarts were made and verified. Paying twice is harmless. */
export async function payRestarts(db: Database, run: string, paid: readonly OwedRestart[]): Promise<void> {
  throw new Error('not built yet');
}
