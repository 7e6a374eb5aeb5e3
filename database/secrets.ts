import type { EntityManager } from 'typeorm';
import type { Database } from './connect.js';
import { row, rows, transaction } from './query.js';
import { NextSecretWaits } from './refusals.js';
import { runSecretsTable, secretHeadsTable, secretsTable } from './tables/secrets.js';
import { appendAudit, systemChain } from './write-audit.js';

/**
 * Keeps a sealed value as a new version of a secret, which is the current one from then on.
 *
 * @throws NextSecretWaits
 */
export async function storeSecret(db: Database, name: string, sealed: Uint8Array, by: string): Promise<number> {
  return transaction(db, async (manager) => {
    await lockSecret(manager, name);
    const head = await readHead(manager, name);
    if (head?.next !== undefined) throw new NextSecretWaits(name, head.next);
    return storeCurrent(manager, name, sealed, by);
  });
}

/**
 * Keeps a sealed value as the first version of a secret, where there is none.
 *
 * @returns whether it was kept, and the current version that there is now
 */
export async function storeFirst(
  db: Database,
  name: string,
  sealed: Uint8Array,
  by: string,
): Promise<{ readonly stored: boolean; readonly version: number }> {
  return transaction(db, async (manager) => {
    await lockSecret(manager, name);
    const there = await readHead(manager, name);
    if (there) return { stored: false, version: there.version };
    return { stored: true, version: await storeCurrent(manager, name, sealed, by) };
  });
}

async function storeCurrent(manager: EntityManager, name: string, sealed: Uint8Array, by: string): Promise<number> {
  const version = await insertVersion(manager, name, sealed, by);
  await rows(
    manager,
    `insert into secret_heads (name, version) values ($1, $2)
     on conflict (name) do update set version = excluded.version, run = null`,
    [name, version],
  );
  await appendAudit(manager, systemChain, [{ kind: 'secret-stored', by, data: { name, version } }]);
  return version;
}

/** One writer at a time a name, so that versions have no gaps. */
export async function lockSecret(manager: EntityManager, name: string): Promise<void> {
  await rows(manager, 'select pg_advisory_xact_lock(hashtextextended($1, 1))', [name]);
}

/** Keeps a sealed value as a version of a secret; which one is current stays as it is. */
export async function insertVersion(
  manager: EntityManager,
  name: string,
  sealed: Uint8Array,
  by: string,
): Promise<number> {
  const stored = await row<{ version: number }>(
    manager,
    `insert into secrets (name, version, sealed, stored_by)
     select $1, coalesce(max(version), 0) + 1, $2, $3 from secrets where name = $1 returning version`,
    [name, Buffer.from(sealed), by],
  );
  return stored!.version;
}

/** Which versions of a secret are what. */
export interface SecretHead {
  /** The current one. */
  readonly version: number;
  /** Stored to become the current one. */
  readonly next?: number;
  /** The run that made the current one current; absent where somebody stored it as such. */
  readonly run?: string;
}

/** Undefined where there is no such secret. */
export async function readHead(reach: Database | EntityManager, name: string): Promise<SecretHead | undefined> {
  const found = await reach.getRepository(secretHeadsTable).findOneBy({ name });
  if (!found) return undefined;
  const { version, next, run } = found;
  return { version, ...(next !== null && { next }), ...(run !== null && { run }) };
}

/** The current version; undefined where there is no such secret. */
export async function secretVersion(db: Database, name: string): Promise<number | undefined> {
  return (await readHead(db, name))?.version;
}

export async function readSealed(
  reach: Database | EntityManager,
  name: string,
  version: number,
): Promise<Uint8Array | undefined> {
  const found = await reach.getRepository(secretsTable).findOneBy({ name, version });
  return found ? new Uint8Array(found.sealed) : undefined;
}

export interface SecretEntry {
  readonly name: string;
  /** The current one. */
  readonly version: number;
  /** The one that waits to become it. */
  readonly next?: number;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

interface EntryRow {
  name: string;
  version: number;
  next: number | null;
  stored_by: string;
  at: Date;
}

/** Names with current and next versions; never a value. */
export async function listSecrets(db: Database): Promise<SecretEntry[]> {
  const found = await rows<EntryRow>(
    db,
    `select name, version, next, stored_by, at from secret_heads join secrets using (name, version) order by name`,
  );
  return found.map(({ name, version, next, stored_by: by, at }) => ({
    name,
    version,
    ...(next !== null && { next }),
    by,
    at: at.toISOString(),
  }));
}

/**
 * Keeps a secret that the run itself made.
 *
 * @returns the sealed value that was kept first
 */
export async function keepRunSecret(db: Database, run: string, name: string, sealed: Uint8Array): Promise<Uint8Array> {
  await rows(db, 'insert into run_secrets (run, name, sealed) values ($1, $2, $3) on conflict do nothing', [
    run,
    name,
    Buffer.from(sealed),
  ]);
  return (await readRunSecret(db, run, name)) ?? sealed;
}

export async function readRunSecret(db: Database, run: string, name: string): Promise<Uint8Array | undefined> {
  const found = await db.getRepository(runSecretsTable).findOneBy({ run, name });
  return found ? new Uint8Array(found.sealed) : undefined;
}
