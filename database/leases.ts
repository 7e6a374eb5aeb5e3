import type { EntityManager } from 'typeorm';
import { whoIsBefore, type Blocked } from '../model/lease-line.js';
import { isFinal } from '../model/moves.js';
import type { Database } from './connect.js';
import { leaveLine, lockLine, nextInLine } from './lease-queue.js';
import { rows, transaction } from './query.js';
import { LeaseHeld } from './refusals.js';
import { lockRun, runRow } from './run-row.js';
import { leasesTable } from './tables/runs.js';
import { appendEvents } from './write-events.js';

export interface Lease {
  readonly machine: string;
  readonly run: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

/**
 * Takes the leases of all machines of a run, or none. Those it holds already stay as they are.
 *
 * @throws LeaseHeld, UnknownRun
 */
export async function takeLeases(db: Database, run: string): Promise<void> {
  await transaction(db, async (manager) => {
    await lockRun(manager, run);
    const blocked = await holdLeases(manager, run);
    if (blocked) throw new LeaseHeld(blocked.machine, blocked.run, whoIsBefore(blocked));
  });
}

/**
 * Takes the leases of all machines of a run that is locked already, if nobody holds one and nobody who has waited for
 * one for longer is before it. All or none, so that two that wait can never wait for each other.
 *
 * @returns who is before it; undefined where the run holds its leases now
 */
export async function holdLeases(manager: EntityManager, run: string): Promise<Blocked | undefined> {
  await lockLine(manager);
  const blocked = await nextInLine(manager, run);
  if (blocked) return blocked;
  await rows(
    manager,
    `insert into leases (machine, run)
     select machine, run from (select distinct machine, run from tasks where run = $1) wanted order by machine
     on conflict do nothing`,
    [run],
  );
  await rows(
    manager,
    'update runs set leases_since = clock_timestamp(), tenure = tenure + 1 where run = $1 and leases_since is null',
    [run],
  );
  await leaveLine(manager, run);
  return undefined;
}

/** Gives up all leases of a run that has ended. An open one keeps them: an undo may have begun in the meantime. */
export async function releaseLeases(db: Database, run: string): Promise<void> {
  await transaction(db, async (manager) => {
    if (!isFinal((await lockRun(manager, run)).state)) return;
    await lockLine(manager);
    await giveUpLeases(manager, run);
  });
}

/** Gives up all leases of a run. Whoever waits for the line, which is locked already, sees them gone when it goes on. */
export async function giveUpLeases(manager: EntityManager, run: string): Promise<void> {
  const given = await rows<{ machine: string }>(manager, 'delete from leases where run = $1 returning machine', [run]);
  await rows(manager, 'update runs set leases_since = null where run = $1', [run]);
  const machines = given.map((lease) => lease.machine).sort();
  if (machines.length > 0) await appendEvents(manager, run, [{ kind: 'leases-released', data: { machines } }]);
}

/** Since when (ISO 8601) the run has held all its leases without a break; undefined where it does not hold them. */
export async function leasesHeldSince(db: Database, run: string): Promise<string | undefined> {
  return (await runRow(db, run)).leases_since?.toISOString();
}

export async function readLeases(db: Database): Promise<Lease[]> {
  const found = await db.getRepository(leasesTable).find({ order: { machine: 'ASC' } });
  return found.map((lease) => ({ ...lease, since: lease.since.toISOString() }));
}
