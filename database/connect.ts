import type { DataSource } from 'typeorm';

/** Belay's Postgres, open. Only this room looks inside. */
export type Database = DataSource;

/**
 * Opens a pool, waiting for a server that is not up yet.
 *
 * @param waitSeconds - how long to wait; what cannot get better by waiting (a wrong password, no such database) is thrown at once
 */
export async function openDatabase(url: string, waitSeconds = 30): Promise<Database> {
  throw new Error('not built yet');
}

/** Brings the tables up to date; several processes may do so at once. */
export async function migrate(db: Database): Promise<void> {
  throw new Error('not built yet');
}

export async function closeDatabase(db: Database): Promise<void> {
  throw new Error('not built yet');
}

/** Whether the server answers within two seconds. */
export async function databaseReachable(db: Database): Promise<boolean> {
  throw new Error('not built yet');
}

/** True for errors that say the server is away, starting or stopping, so that trying later may help. */
export function meansDatabaseAway(error: unknown): boolean {
  throw new Error('not built yet');
}
