import { setTimeout as sleep } from 'node:timers/promises';
import type { EntityManager } from 'typeorm';
import type { SaidVerb, VerbOutcome, VerbRecord } from '../model/record.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';
import { canonical } from './digest.js';
import { mustHaveGate } from './gates.js';
import { row, rows, transaction, type Reach } from './query.js';
import { IdempotencyConflict, UnknownVerb, VerbIncomplete } from './refusals.js';
import { lockRun } from './run-row.js';
import { json, storableText } from './storable.js';
import type { VerbRow } from './tables/operators.js';
import type { RunRow } from './tables/runs.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';

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
  return transaction(db, async (manager) => {
    await lockRun(manager, word.run);
    const written = await rows(
      manager,
      `insert into verbs (id, run, verb, arguments, said_by, idempotency_key) values ($1, $2, $3, $4, $5, $6)
       on conflict do nothing returning id`,
      [word.id, word.run, word.verb, json(word.arguments), storableText(word.by), word.idempotencyKey ?? null],
    );
    if (written.length === 0) return earlierVerb(manager, word);
    if (word.verb === 'approve' || word.verb === 'reject') await castVote(manager, word);
    const data = { id: word.id, verb: word.verb, arguments: { ...word.arguments } as Record<string, Value> };
    await appendAudit(manager, word.run, [{ kind: 'verb-said', by: word.by, data }]);
    await appendEvents(manager, word.run, [{ kind: 'verb-said', data: { ...data, by: word.by } }]);
    return verbOf(await verbRow(manager, word.id));
  });
}

async function earlierVerb(manager: EntityManager, word: VerbWord): Promise<VerbRecord> {
  const found = await rows<VerbRow>(manager, 'select * from verbs where id = $1 or idempotency_key = $2', [
    word.id,
    word.idempotencyKey ?? null,
  ]);
  const same = ({ run, verb, said_by: by, arguments: given }: VerbRow): boolean =>
    canonical({ run, verb, by, given }) ===
    canonical({ run: word.run, verb: word.verb, by: word.by, given: JSON.parse(json(word.arguments)) as unknown });
  const [earlier] = found;
  if (!earlier || !found.every(same)) throw new IdempotencyConflict(word.idempotencyKey ?? word.id);
  return verbOf(earlier);
}

async function castVote(manager: EntityManager, word: VerbWord): Promise<void> {
  const { phase, planHash, reason, comment } = word.arguments;
  if (phase === undefined) throw new VerbIncomplete('the phase');
  if (word.verb === 'approve' && planHash === undefined) throw new VerbIncomplete('the hash of the plan that was read');
  await mustHaveGate(manager, word.run, phase);
  await rows(
    manager,
    `insert into votes (verb, run, phase, plan_hash, voter, approves, reason, at)
     values ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())`,
    [
      word.id,
      word.run,
      phase,
      planHash ?? null,
      storableText(word.by),
      word.verb === 'approve',
      storableText(reason ?? comment ?? ''),
    ],
  );
}

/** @throws UnknownVerb */
async function verbRow(reach: Reach, id: string): Promise<VerbRow> {
  const found = await row<VerbRow>(reach, 'select * from verbs where id = $1', [id]);
  if (!found) throw new UnknownVerb(id);
  return found;
}

function verbOf({ id, run, verb, arguments: given, said_by: by }: VerbRow): VerbRecord {
  return { id, run, verb, arguments: given, by };
}

function outcomeOf({ accepted, because }: VerbRow): VerbOutcome | undefined {
  return accepted === null ? undefined : { accepted, because: because ?? '' };
}

/** @throws UnknownVerb */
export async function readVerb(db: Database, id: string): Promise<SaidVerb> {
  const found = await verbRow(db, id);
  const outcome = outcomeOf(found);
  return { ...verbOf(found), ...(outcome ? { outcome } : {}) };
}

/**
 * Writes what became of a verb.
 *
 * @returns the outcome that was written first
 * @throws UnknownVerb
 */
export async function settleVerb(db: Database, id: string, outcome: VerbOutcome): Promise<VerbOutcome> {
  return obeyVerb(db, id, async () => outcome);
}

/**
 * Does what a verb asks for and writes what became of it, in one transaction: done once, however often it is tried.
 *
 * @returns the outcome that was written first
 * @throws UnknownVerb
 */
export async function obeyVerb(
  db: Database,
  id: string,
  work: (manager: EntityManager, verb: VerbRecord, run: RunRow) => Promise<VerbOutcome>,
): Promise<VerbOutcome> {
  return transaction(db, async (manager) => {
    const run = await lockRun(manager, (await verbRow(manager, id)).run);
    const found = await verbRow(manager, id);
    const earlier = outcomeOf(found);
    if (earlier) return earlier;
    const outcome = await work(manager, verbOf(found), run);
    await rows(
      manager,
      `update verbs set accepted = $2, because = $3, settled_at = clock_timestamp(),
         delivered_at = coalesce(delivered_at, clock_timestamp()) where id = $1`,
      [id, outcome.accepted, storableText(outcome.because)],
    );
    const data = { id, verb: found.verb, accepted: outcome.accepted, because: outcome.because };
    await appendAudit(manager, found.run, [{ kind: 'verb-settled', by: 'belay', data }]);
    await appendEvents(manager, found.run, [{ kind: 'verb-settled', data }]);
    return outcome;
  });
}

/**
 * Verbs that nothing became of yet and that nobody was told of, or somebody only long ago: a workflow may have ended in
 * between. Oldest first.
 *
 * @param untold - milliseconds for which nobody may have been told; `told`: since somebody last was
 */
export async function unsettledVerbs(
  db: Database,
  { untold, told }: { readonly untold: number; readonly told: number },
): Promise<VerbRecord[]> {
  const found = await rows<VerbRow>(
    db,
    `select * from verbs where settled_at is null
       and coalesce(delivered_at + $2 * interval '1 millisecond', at + $1 * interval '1 millisecond') <= clock_timestamp()
     order by at, id`,
    [untold, told],
  );
  return found.map(verbOf);
}

/** Notes that a workflow has just been told of a verb. */
export async function markDelivered(db: Database, id: string): Promise<void> {
  await rows(db, 'update verbs set delivered_at = clock_timestamp() where id = $1', [id]);
}

/**
 * Waits until something became of a verb, `ms` milliseconds at most; undefined where nothing did.
 *
 * @throws UnknownVerb
 */
export async function waitVerb(db: Database, id: string, ms: number): Promise<VerbOutcome | undefined> {
  const deadline = Date.now() + ms;
  for (let pause = 25; ; pause = Math.min(pause * 2, 250)) {
    const outcome = outcomeOf(await verbRow(db, id));
    const left = deadline - Date.now();
    if (outcome || left <= 0) return outcome;
    await sleep(Math.min(pause, left));
  }
}
