import type { Database } from './connect.js';
import { row } from './query.js';

/** Takes the next holder number of a machine, for a question outside any run. */
export async function takeHolder(db: Database, machine: string): Promise<number> {
  const taken = await row<{ holder: number }>(
    db,
    `insert into holders (machine, holder) values ($1, (extract(epoch from clock_timestamp()) * 1000)::bigint)
     on conflict (machine) do update set holder = greatest(holders.holder + 1, excluded.holder)
     returning holder`,
    [machine],
  );
  return taken?.holder ?? 0;
}

/**
 * A holder number with which to ask a machine something. Where a run holds the machine it is the present one, so that
 * the question does not take the machine from it; else a fresh one.
 */
export async function askingHolder(db: Database, machine: string): Promise<number> {
  const present = await row<{ holder: number }>(
    db,
    'select holder from holders join leases using (machine) where machine = $1',
    [machine],
  );
  return present?.holder ?? takeHolder(db, machine);
}

/** Whether nobody has taken the machine of a task's host since `holder` was given. */
export async function holdsMachine(db: Database, run: string, host: string, holder: number): Promise<boolean> {
  const stale = await row(
    db,
    `select 1 from tasks join holders using (machine) where run = $1 and host = $2 and holders.holder > $3 limit 1`,
    [run, host, holder],
  );
  return stale === undefined;
}
