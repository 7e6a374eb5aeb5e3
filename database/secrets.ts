import type { Database } from './connect.js';
import { row, rows, transaction } from './query.js';
import { runSecretsTable, secretsTable, type SecretRow } from './tables/operators.js';
import { appendAudit, systemChain } from './write-audit.js';

/** Keeps a sealed value as the next version of a secret. */
export async function storeSecret(db: Database, name: string, sealed: Uint8Array, by: string): Promise<number> {
  return transaction(db, async (manager) => {
    // One writer at a time a name, so that versions have no gaps.
    await rows(manager, 'select pg_advisory_xact_lock(hashtextextended($1, 1))', [name]);
    const stored = await row<{ version: number }>(
      manager,
      `insert into secrets (name, version, sealed, stored_by)
       select $1, coalesce(max(version), 0) + 1, $2, $3 from secrets where name = $1 returning version`,
      [name, Buffer.from(sealed), by],
    );
    const version = stored!.version;
    await appendAudit(manager, systemChain, [{ kind: 'secret-stored', by, data: { name, version } }]);
    return version;
  });
}

/** The newest version; undefined where there is no such secret. */
export async function secretVersion(db: Database, name: string): Promise<number | undefined> {
  return (await db.getRepository(secretsTable).maximum('version', { name })) ?? undefined;
}

export async function readSealed(db: Database, name: string, version: number): Promise<Uint8Array | undefined> {
  const found = await db.getRepository(secretsTable).findOneBy({ name, version });
  return found ? new Uint8Array(found.sealed) : undefined;
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
  const found = await rows<Omit<SecretRow, 'sealed'>>(
    db,
    'select distinct on (name) name, version, stored_by, at from secrets order by name, version desc',
  );
  return found.map(({ name, version, stored_by: by, at }) => ({ name, version, by, at: at.toISOString() }));
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
