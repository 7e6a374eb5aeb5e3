import type { EntityManager } from 'typeorm';
import type { Database } from './connect.js';
import { rows, type Reach } from './query.js';
import type { AuditRow } from './tables/operators.js';
import { hashOf } from './write-audit.js';

export interface AuditEntry {
  readonly sequence: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly kind: string;
  readonly by: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The audit trail of a run, or of the system for `system`. */
export async function readAudit(db: Database, chain: string, after: number, limit: number): Promise<AuditEntry[]> {
  const found = await auditRows(db, chain, after, limit);
  return found.map(({ sequence, at, kind, actor, data }) => ({
    sequence,
    at: at.toISOString(),
    kind,
    by: actor,
    data,
  }));
}

async function auditRows(reach: Reach, chain: string, after: number, limit: number): Promise<AuditRow[]> {
  return rows<AuditRow>(reach, 'select * from audit where chain = $1 and sequence > $2 order by sequence limit $3', [
    chain,
    after,
    limit,
  ]);
}

/** A chain that does not hold. */
export interface BrokenChain {
  /** A run's id, or `system`. */
  readonly chain: string;
  /** The first entry that is wrong or missing. */
  readonly brokenAt: number;
  readonly because: 'changed' | 'missing';
}

interface End {
  readonly chain: string;
  /** What the chain's head says; 0 where it has none. */
  readonly sequence: number;
  readonly hash: Buffer;
}

/** Computes every chain anew; an empty list means that all hold. */
export async function verifyAudit(db: Database): Promise<BrokenChain[]> {
  return db.transaction('REPEATABLE READ', async (manager) => {
    const ends = await rows<End>(
      manager,
      `select chain, coalesce(head.sequence, 0) as sequence, coalesce(head.hash, '') as hash
       from (select distinct chain from audit union select chain from audit_heads union select run from runs) chains
       left join audit_heads head using (chain) order by chain`,
    );
    const broken: BrokenChain[] = [];
    for (const end of ends) {
      const found = await verifyChain(manager, end);
      if (found) broken.push({ chain: end.chain, ...found });
    }
    return broken;
  });
}

async function verifyChain(manager: EntityManager, end: End): Promise<Omit<BrokenChain, 'chain'> | undefined> {
  let hash: Uint8Array = Buffer.alloc(32);
  let sequence = 0;
  for (;;) {
    const entries = await auditRows(manager, end.chain, sequence, 1000);
    for (const entry of entries) {
      sequence += 1;
      if (entry.sequence !== sequence) return { brokenAt: sequence, because: 'missing' };
      if (!hashOf(hash, entry).equals(entry.hash)) return { brokenAt: sequence, because: 'changed' };
      hash = entry.hash;
    }
    if (entries.length === 0) break;
  }
  // A run without any entry, or a chain whose end was cut off: its head remembers more.
  if (sequence < Math.max(end.sequence, 1)) return { brokenAt: sequence + 1, because: 'missing' };
  return sequence > end.sequence || !end.hash.equals(hash) ? { brokenAt: sequence, because: 'changed' } : undefined;
}
