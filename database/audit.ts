import type { Database } from './connect.js';

/** A chain that does not hold. */
export interface BrokenChain {
  /** A run's id, or `system`. */
  readonly chain: string;
  /** The first entry that is wrong or missing. */
  readonly brokenAt: number;
  readonly because: 'changed' | 'missing' | 'out-of-order';
}

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
  throw new Error('not built yet');
}

/** Computes every chain anew; an empty list means that all hold. */
export async function verifyAudit(db: Database): Promise<BrokenChain[]> {
  throw new Error('not built yet');
}
