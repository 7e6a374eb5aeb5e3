import type { EntityManager } from 'typeorm';
import type { Intent } from '../model/record.js';
import type { Ending } from '../model/states.js';
import { mustGoForward } from './attempts.js';
import type { Database } from './connect.js';
import { mustHold } from './holders.js';
import { rows, transaction } from './query.js';
import { lockRun } from './run-row.js';
import { json } from './storable.js';
import type { IntentRow } from './tables/tasks.js';
import { mustBeUndoing } from './undo-row.js';

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
 * @throws NotAuthorised, UnknownRun, UnknownTask; StaleHolder where somebody else has taken a machine since
 */
export async function writeIntents(db: Database, intents: readonly Intent[], owes: readonly Owing[]): Promise<void> {
  if (intents.length === 0) return;
  await transaction(db, async (manager) => insertIntents(manager, intents, owes));
}

/** As {@link writeIntents}, in the caller's transaction. */
export async function insertIntents(
  manager: EntityManager,
  intents: readonly Intent[],
  owes: readonly Owing[],
): Promise<void> {
  for (const run of new Set(intents.map((intent) => intent.run))) await mustBeAllowed(manager, run, intents);
  await mustHold(manager, intents);
  await rows(
    manager,
    `insert into intents (run, step, host, part, undo, attempt, holder, nonce, boot_id, tenure)
     select run, step, host, part, undo, attempt, holder, nonce, "bootId", tenure
     from jsonb_to_recordset($1::jsonb) as intent (run text, step text, host text, part text, undo integer,
       attempt integer, holder bigint, nonce text, "bootId" text)
     join runs using (run)
     on conflict do nothing`,
    [json(intents)],
  );
  if (owes.length > 0) await insertOwed(manager, intents, owes);
}

async function mustBeAllowed(manager: EntityManager, run: string, intents: readonly Intent[]): Promise<void> {
  const locked = await lockRun(manager, run);
  const mine = intents.filter((intent) => intent.run === run);
  if (mine.some((intent) => intent.part === 'do')) mustGoForward(locked);
  for (const undo of new Set(mine.flatMap((intent) => (intent.part === 'undo' ? [intent.undo] : []))))
    await mustBeUndoing(manager, locked, undo);
}

async function insertOwed(manager: EntityManager, intents: readonly Intent[], owes: readonly Owing[]): Promise<void> {
  const owing = intents.flatMap((intent) =>
    owes
      .filter(({ host, step }) => host === intent.host && step === intent.step)
      .map(({ service }) => ({ ...intent, service })),
  );
  await rows(
    manager,
    `insert into owed_restarts (machine, service, run, step, host, part, undo, attempt)
     select machine, service, run, step, host, part, undo, owing.attempt
     from jsonb_to_recordset($1::jsonb) as owing (run text, step text, host text, part text, undo integer,
       attempt integer, service text)
     join tasks using (run, step, host)
     on conflict do nothing`,
    [json(owing)],
  );
}

function intentOf({ run, step, host, part, undo, attempt, holder, nonce, boot_id: bootId }: IntentRow): Intent {
  return { run, step, host, part, undo, attempt, holder, nonce, bootId };
}

export interface RecordedIntent extends Intent {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** How the attempt ended, where a result was written. Never there for an undo. */
  readonly ending?: Ending;
}

/** All intents of a step, oldest first. */
export async function readIntents(db: Database, run: string, step: string): Promise<RecordedIntent[]> {
  const found = await rows<IntentRow & { ending: Ending | null }>(
    db,
    `select intents.*, case when part = 'do' then results.ending end as ending
     from intents left join results using (run, step, host, attempt)
     where run = $1 and step = $2 order by part, undo, attempt, host`,
    [run, step],
  );
  return found.map((intent) => ({
    ...intentOf(intent),
    at: intent.at.toISOString(),
    ...(intent.ending === null ? {} : { ending: intent.ending }),
  }));
}
