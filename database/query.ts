import { EntityManager } from 'typeorm';
import type { Database } from './connect.js';
import { meansPlanOutdated } from './prepared.js';

/** A database, or one transaction of it. */
export type Reach = Database | EntityManager;

/** The rows of any statement. TypeORM answers UPDATE and DELETE with `[rows, count]`, all else with the rows. */
export async function rows<Row>(reach: Reach, sql: string, parameters: unknown[] = []): Promise<Row[]> {
  const answer = (await asked(reach, sql, parameters)) as Row[] | [Row[], number];
  return typeof answer[1] === 'number' ? (answer[0] as Row[]) : (answer as Row[]);
}

/** Within a transaction the whole of it must be tried again; a statement of its own is tried again here. */
async function asked(reach: Reach, sql: string, parameters: unknown[]): Promise<unknown> {
  try {
    return await reach.query(sql, parameters);
  } catch (error) {
    if (reach instanceof EntityManager || !meansPlanOutdated(error)) throw error;
    return reach.query(sql, parameters);
  }
}

/** The first row, or undefined. */
export async function row<Row>(reach: Reach, sql: string, parameters: unknown[] = []): Promise<Row | undefined> {
  return (await rows<Row>(reach, sql, parameters))[0];
}

const deadlock = '40P01';
const serialization = '40001';

/**
 * Runs `work` in one transaction; again where Postgres broke a deadlock by ending it, or where a migration has changed
 * a table under a prepared statement. Order of locks, so that this is rare: the run, its tasks, machines by name, the
 * system's audit chain.
 */
export async function transaction<T>(db: Database, work: (manager: EntityManager) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction(work);
    } catch (error) {
      const code = (error as { driverError?: { code?: string } }).driverError?.code;
      if (tries === 5 || (code !== deadlock && code !== serialization && !meansPlanOutdated(error))) throw error;
    }
  }
}
