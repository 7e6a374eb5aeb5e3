import { setTimeout as sleep } from 'node:timers/promises';
import {
  DataSource,
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm';
import type { Migration } from '../migrations/migration.js';
import { migrations } from '../migrations/migrations.js';
import { PreparingClient } from './prepared.js';
import { tables } from './tables/tables.js';
import { readsInt8AsNumber } from './types.js';

/** Belay's Postgres, open. Only this room looks inside. */
export type Database = DataSource;

/** Said by every connection, because a server's own defaults may be weaker. Times in milliseconds. */
const session = [
  'synchronous_commit=on',
  'default_transaction_isolation=read\\ committed',
  'lock_timeout=30000',
  'statement_timeout=120000',
  'idle_in_transaction_session_timeout=60000',
];

/** Any number, as long as every Belay takes the same. */
const migrationLock = 2_033_176_001;

/**
 * Opens a pool, waiting for a server that is not up yet.
 *
 * @param waitSeconds - how long to wait; what cannot get better by waiting (a wrong password, no such database) is
 * thrown at once
 */
export async function openDatabase(url: string, waitSeconds = 30): Promise<Database> {
  const deadline = Date.now() + waitSeconds * 1000;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    try {
      return await dataSource(url).initialize();
    } catch (error) {
      if (!meansDatabaseAway(error) || Date.now() + pause > deadline) throw error;
      await sleep(pause);
    }
  }
}

function dataSource(url: string): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    entities: tables,
    migrations: migrations.map(asTypeorm),
    installExtensions: false,
    applicationName: 'belay',
    poolSize: 16,
    connectTimeoutMS: 10_000,
    // An idle connection that breaks is no news: the next query finds out.
    poolErrorHandler: () => undefined,
    extra: {
      options: session.map((setting) => `-c ${setting}`).join(' '),
      types: readsInt8AsNumber,
      keepAlive: true,
      Client: PreparingClient,
    },
  });
}

/** TypeORM wants a class whose name ends in a 13-digit timestamp; ours are numbered, which sorts as well. */
function asTypeorm(migration: Migration): new () => MigrationInterface {
  const name = `${migration.name.replaceAll(' ', '-')}-${String(migration.number).padStart(13, '0')}`;
  return class {
    name = name;
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(migration.up);
    }
    down(): Promise<void> {
      return Promise.reject(new Error('migrations only go forward; restore a backup instead'));
    }
  };
}

/**
 * Brings the tables up to date; several processes may do so at once.
 *
 * @throws Error where the database does not keep text as UTF-8
 */
export async function migrate(db: Database): Promise<void> {
  const runner = db.createQueryRunner();
  try {
    const [encoding] = (await runner.query('show server_encoding')) as [{ server_encoding: string }];
    if (encoding.server_encoding !== 'UTF8')
      throw new Error(`the database keeps text as ${encoding.server_encoding}; make one with encoding UTF8`);
    await runner.query('set lock_timeout = 0');
    await runner.query('select pg_advisory_lock($1)', [migrationLock]);
    await db.runMigrations({ transaction: 'all' });
  } finally {
    await runner.query('select pg_advisory_unlock_all()').catch(() => undefined);
    await runner.query('reset lock_timeout').catch(() => undefined);
    await runner.release();
  }
}

export async function closeDatabase(db: Database): Promise<void> {
  if (db.isInitialized) await db.destroy();
}

/** Whether the server answers within two seconds. */
export async function databaseReachable(db: Database): Promise<boolean> {
  const giveUp = new AbortController();
  const answer = db.query('select 1').then(
    () => true,
    () => false,
  );
  const silence = sleep(2000, false, { signal: giveUp.signal }).catch(() => false);
  const reachable = await Promise.race([answer, silence]);
  giveUp.abort();
  return reachable;
}

/** True for errors that say the server is away, starting or stopping, so that trying later may help. */
export function meansDatabaseAway(error: unknown): boolean {
  // TypeORM lets go of a connection that breaks between two statements; the next one finds it released.
  if (error instanceof QueryRunnerAlreadyReleasedError || error instanceof QueryRunnerProviderAlreadyReleasedError)
    return true;
  const { code, message } = ((error as { driverError?: unknown }).driverError ?? error) as {
    code?: string;
    message?: string;
  };
  if (code === undefined) return /^(Connection terminated|timeout exceeded when trying to connect)/.test(message ?? '');
  return /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|08|57P0[123]|53300)/.test(code);
}
