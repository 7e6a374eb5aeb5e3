import type { TaskName } from '../model/record.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';
import { canonical, sha256 } from './digest.js';
import { row } from './query.js';
import { json } from './storable.js';
import type { RenderedRow } from './tables/tasks.js';

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
  const values = json(rendered.values);
  const hash = sha256(canonical({ when: rendered.when, values: JSON.parse(values) as unknown })).toString('hex');
  const written = await row<RenderedRow>(
    db,
    `insert into rendered (run, step, host, holds, "values", hash) values ($1, $2, $3, $4, $5, $6)
     on conflict do nothing returning *`,
    [task.run, task.step, task.host, rendered.when, values, hash],
  );
  const kept = written ? renderedOf(written) : await readRendered(db, task);
  if (!kept) throw new Error(`what was resolved for ${task.step} on ${task.host} was not kept`);
  return kept;
}

/** What was kept for the task; undefined where nothing was yet. */
export async function readRendered(db: Database, task: TaskName): Promise<(Rendered & { hash: string }) | undefined> {
  const kept = await row<RenderedRow>(db, 'select * from rendered where run = $1 and step = $2 and host = $3', [
    task.run,
    task.step,
    task.host,
  ]);
  return kept && renderedOf(kept);
}

function renderedOf({ holds, values, hash }: RenderedRow): Rendered & { hash: string } {
  return { when: holds, values, hash };
}
