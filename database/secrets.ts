import type { Database } from './connect.js';

/** Keeps a sealed value as the next version of a secret. */
export async function storeSecret(db: Database, name: string, sealed: Uint8Array, by: string): Promise<number> {
  throw new Error('not built yet');
}

/** The newest version; undefined where there is no such secret. */
export async function secretVersion(db: Database, name: string): Promise<number | undefined> {
  throw new Error('not built yet');
}

export async function readSealed(db: Database, name: string, version: number): Promise<Uint8Array | undefined> {
  throw new Error('not built yet');
}

export interface SecretEntry {
  readonly name: string;
  /** The newest. */
  readonly version: number;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Names and newest versions; never a value. */
export async function listSecrets(db: Database): Promise<SecretEntry[]> {
  throw new Error('not built yet');
}

/**
 * Keeps a secret that the run itself made.
 *
 * @returns the sealed value that was kept first
 */
export async function keepRunSecret(db: Database, run: string, name: string, sealed: Uint8Array): Promise<Uint8Array> {
  throw new Error('not built yet');
}

export async function readRunSecret(db: Database, run: string, name: string): Promise<Uint8Array | undefined> {
  throw new Error('not built yet');
}
