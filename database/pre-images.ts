import type { EntityManager } from 'typeorm';
import type { Intent, TaskName } from '../model/record.js';
import type { Database } from './connect.js';
import { insertIntents, type Owing } from './intents.js';
import { row, rows, transaction } from './query.js';

/**
 * Writes an intent together with the sealed pre-image of what it is about to change. The pre-image of the first
 * attempt that may have changed something stays.
 *
 * @returns the pre-image that stands
 * @throws NotAuthorised, StaleHolder, UnknownRun, UnknownTask
 */
export async function keepPreImage(
  db: Database,
  intent: Intent,
  sealed: Uint8Array,
  owes: readonly Owing[] = [],
): Promise<Uint8Array> {
  const { run, step, host, attempt } = intent;
  return transaction(db, async (manager) => {
    await insertIntents(manager, [intent], owes);
    await forgetHarmless(manager, intent);
    await rows(
      manager,
      'insert into pre_images (run, step, host, attempt, sealed) values ($1, $2, $3, $4, $5) on conflict do nothing',
      [run, step, host, attempt, Buffer.from(sealed)],
    );
    return (await preImage(manager, intent)) ?? sealed;
  });
}

/** Drops the pre-image of attempts that surely changed nothing: since then others may have changed what is there. */
async function forgetHarmless(manager: EntityManager, { run, step, host, attempt }: Intent): Promise<void> {
  await rows(
    manager,
    `delete from pre_images where run = $1 and step = $2 and host = $3 and attempt < $4 and not exists (
       select 1 from intents left join results using (run, step, host, attempt)
       where run = $1 and step = $2 and host = $3 and part = 'do' and attempt < $4
         and (ending is null or ending in ('done', 'partial', 'unknown'))
         and attempt > (select attempts_before from tasks where run = $1 and step = $2 and host = $3)
     )`,
    [run, step, host, attempt],
  );
}

/** Sealed; undefined where the task has none. */
export async function readPreImage(db: Database, task: TaskName): Promise<Uint8Array | undefined> {
  return preImage(db, task);
}

async function preImage(reach: Database | EntityManager, task: TaskName): Promise<Uint8Array | undefined> {
  const kept = await row<{ sealed: Buffer }>(
    reach,
    'select sealed from pre_images where run = $1 and step = $2 and host = $3',
    [task.run, task.step, task.host],
  );
  return kept && new Uint8Array(kept.sealed);
}
