import type { TaskName } from '../model/record.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';

/** What was resolved for a task once: its condition, and the values of its holes that are no secrets. */
export interface Rendered {
  readonly when: boolean;
  readonly values: Readonly<Record<string, Value>>;
}

/** Keeps what was resolved first, and gives that with the hex SHA-256 of its canonical JSON. */
export async function keepRendered(
  db: Database,
  task: TaskName,
  rendered: Rendered,
): Promise<Rendered & { hash: string }> {
  throw new Error('not built yet');
}

/** What was kept for the task; undefined where nothing was yet. */
export async function readRendered(db: Database, task: TaskName): Promise<(Rendered & { hash: string }) | undefined> {
  throw new Error('not built yet');
}
