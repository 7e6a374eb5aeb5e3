import type { EntityManager } from 'typeorm';
import { row, rows } from './query.js';
import { NotAuthorised, StaleHolder, UnknownTask } from './refusals.js';
import { json } from './storable.js';
import type { TaskRow } from './tables/tasks.js';

/** Locks the tasks of one step on some hosts, by host name. @throws UnknownTask */
export async function lockTasks(
  manager: EntityManager,
  run: string,
  step: string,
  hosts: readonly string[],
): Promise<Map<string, TaskRow>> {
  const found = await rows<TaskRow>(
    manager,
    `select * from tasks where run = $1 and step = $2 and host = any ($3) order by host for no key update`,
    [run, step, hosts],
  );
  const tasks = new Map(found.map((task) => [task.host, task]));
  const missing = hosts.find((host) => !tasks.has(host));
  if (missing !== undefined) throw new UnknownTask(step, missing);
  return tasks;
}

/** @throws NotAuthorised where the run does not hold the lease of one of the machines */
export async function mustHoldLeases(manager: EntityManager, run: string, tasks: readonly TaskRow[]): Promise<void> {
  const missing = await row<{ machine: string }>(
    manager,
    `select machine from unnest($2::text[]) as machine
     where not exists (select 1 from leases where leases.machine = machine.machine and leases.run = $1) limit 1`,
    [run, tasks.map((task) => task.machine)],
  );
  if (missing) throw new NotAuthorised(run, `it does not hold the lease of ${missing.machine}`);
}

/**
 * Gives the next holder number of each machine: greater than every one before, over all runs, and at least the
 * milliseconds since 1970, so that a database restored from a backup does not give one twice. Sorted, so that two
 * takers never wait for each other.
 */
export async function takeHolders(manager: EntityManager, tasks: readonly TaskRow[]): Promise<Map<string, number>> {
  const taken = await rows<{ machine: string; holder: number }>(
    manager,
    `insert into holders (machine, holder)
     select machine, (extract(epoch from clock_timestamp()) * 1000)::bigint
     from (select distinct machine from unnest($1::text[]) as machine) wanted order by machine
     on conflict (machine) do update set holder = greatest(holders.holder + 1, excluded.holder)
     returning machine, holder`,
    [tasks.map((task) => task.machine)],
  );
  return new Map(taken.map(({ machine, holder }) => [machine, holder]));
}

interface Claimed {
  readonly run: string;
  readonly step: string;
  readonly host: string;
  readonly holder: number;
  /** Of what is about to be done: the attempt that must have begun under this holder. */
  readonly part?: 'do' | 'undo';
  readonly attempt?: number;
}

/**
 * @throws UnknownTask; StaleHolder where somebody else has taken a machine since, or a crash of the server has taken
 * the beginning back, which need not have waited for the disk
 */
export async function mustHold(manager: EntityManager, claimed: readonly Claimed[]): Promise<void> {
  const found = await rows<{ step: string; host: string; claimed: number; latest: number | null; begun: boolean }>(
    manager,
    `select claim.step, claim.host, claim.holder as claimed, holders.holder as latest,
       claim.part is distinct from 'do' or (tasks.attempt, tasks.holder) = (claim.attempt, claim.holder) as begun
     from jsonb_to_recordset($1::jsonb)
       as claim (run text, step text, host text, holder bigint, part text, attempt integer)
     join tasks using (run, step, host) left join holders using (machine)`,
    [json(claimed)],
  );
  const known = new Set(found.map(({ step, host }) => `${step}@${host}`));
  const missing = claimed.find(({ step, host }) => !known.has(`${step}@${host}`));
  if (missing) throw new UnknownTask(missing.step, missing.host);
  const stale = found.find(({ claimed: holder, latest, begun }) => !begun || (latest !== null && holder < latest));
  if (stale) throw new StaleHolder(stale.host, stale.claimed, stale.latest ?? 0);
}
