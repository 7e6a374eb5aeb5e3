import type { RunEvent } from '../model/record.js';
import type { Database } from './connect.js';

/** Events of a run after number `after`, in order, without gaps. */
export async function readEvents(db: Database, run: string, after: number, limit: number): Promise<RunEvent[]> {
  throw new Error('not built yet');
}

export interface Listening {
  close(): Promise<void>;
}

export interface Ears {
  /** The run has new events. Called once for no run in particular (`undefined`) after a connection was lost. */
  readonly onRun: (run: string | undefined) => void;
  /** The run has new output. */
  readonly onOutput?: (run: string) => void;
}

/** Listens on a connection of its own, and makes it again when it is lost. */
export async function listenEvents(url: string, ears: Ears): Promise<Listening> {
  throw new Error('not built yet');
}
