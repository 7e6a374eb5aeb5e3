import type { EntityManager } from 'typeorm';
import { canonical, sha256 } from './digest.js';
import { row, rows } from './query.js';
import { json } from './storable.js';
import type { AuditRow } from './tables/operators.js';

/** The chain of all that belongs to no run. No run is called so: their names end in eight characters. */
export const systemChain = 'system';

/** What the first entry of a chain follows. */
const beginning = Buffer.alloc(32);

export interface NewEntry {
  readonly kind: string;
  readonly by: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface Head {
  readonly sequence: number;
  readonly hash: Uint8Array;
}

/**
 * Adds entries to a chain, in the caller's transaction: what is not in the trail does not happen. A run's chain grows
 * under that run's row lock; the lock on the chain's head serves the system's chain.
 */
export async function appendAudit(manager: EntityManager, chain: string, entries: readonly NewEntry[]): Promise<void> {
  let head = await lockHead(manager, chain);
  const at = await clock(manager);
  for (const entry of entries) head = await append(manager, head, { ...entry, chain, at });
  await rows(manager, 'update audit_heads set sequence = $2, hash = $3 where chain = $1', [
    chain,
    head.sequence,
    head.hash,
  ]);
}

async function lockHead(manager: EntityManager, chain: string): Promise<Head> {
  await rows(manager, 'insert into audit_heads values ($1, 0, $2) on conflict do nothing', [chain, beginning]);
  const head = await row<Head>(manager, 'select sequence, hash from audit_heads where chain = $1 for update', [chain]);
  if (!head) throw new Error(`the audit chain ${chain} has no head`);
  return head;
}

/** To the millisecond, so that what was hashed can be read back. */
async function clock(manager: EntityManager): Promise<Date> {
  const read = await row<{ at: Date }>(manager, `select date_trunc('milliseconds', clock_timestamp()) as at`);
  return read!.at;
}

async function append(
  manager: EntityManager,
  head: Head,
  entry: NewEntry & { readonly chain: string; readonly at: Date },
): Promise<Head> {
  const data = JSON.parse(json(entry.data)) as Record<string, unknown>;
  const next = {
    chain: entry.chain,
    sequence: head.sequence + 1,
    at: entry.at,
    kind: entry.kind,
    actor: entry.by,
    data,
  };
  const hash = hashOf(head.hash, next);
  await rows(manager, 'insert into audit values ($1, $2, $3, $4, $5, $6, $7, $8)', [
    next.chain,
    next.sequence,
    next.at,
    next.kind,
    next.actor,
    json(data),
    head.hash,
    hash,
  ]);
  return { sequence: next.sequence, hash };
}

/** SHA-256 of the previous hash and the canonical JSON (RFC 8785) of the entry. */
export function hashOf(previous: Uint8Array, entry: Omit<AuditRow, 'previous' | 'hash'>): Buffer {
  const { chain, sequence, at, kind, actor, data } = entry;
  return sha256(previous, canonical({ chain, sequence, at: at.toISOString(), kind, by: actor, data }));
}
