import type { EntityManager } from 'typeorm';
import type { Blocked } from '../model/lease-line.js';
import { row, rows, type Reach } from './query.js';

/** Any number, as long as every Belay takes the same. */
const lineLock = 2_033_176_002;

/**
 * One at a time looks at the line and takes or gives leases, until the end of its transaction: who is before whom
 * would else depend on who looks. Taken after the run's own lock, and before machines.
 */
export async function lockLine(manager: EntityManager): Promise<void> {
  await rows(manager, 'select pg_advisory_xact_lock($1)', [lineLock]);
}

/** Gives a run its place at the end of the line; the one it has stays. */
export async function joinLine(manager: EntityManager, run: string): Promise<void> {
  await rows(manager, 'insert into lease_queue (run) values ($1) on conflict do nothing', [run]);
}

export async function leaveLine(manager: EntityManager, run: string): Promise<void> {
  await rows(manager, 'delete from lease_queue where run = $1', [run]);
}

/**
 * Who is before a run on one of the machines that it wants and does not hold: the holder of a machine, else the one
 * that has waited for it for longest. A machine that is held is named before one that is only waited for.
 */
export async function nextInLine(reach: Reach, run: string): Promise<Blocked | undefined> {
  return row<Blocked>(
    reach,
    `select wanted.machine, wanted.host, coalesce(held.run, line.run) as run, runs.started_by as "startedBy",
       held.run is not null as holds, (line.before + 1)::integer as place
     from (select machine, min(host) as host from tasks where run = $1 group by machine) wanted
     left join leases held using (machine)
     cross join lateral (
       select (array_agg(queue.run order by place))[1] as run, count(*) as before from lease_queue queue
       where queue.run <> $1
         and place < coalesce((select place from lease_queue where run = $1), 9223372036854775807)
         and exists (select 1 from tasks where tasks.run = queue.run and tasks.machine = wanted.machine)
     ) line
     join runs on runs.run = coalesce(held.run, line.run)
     where held.run is distinct from $1 and coalesce(held.run, line.run) is not null
     order by held.run is null, wanted.machine limit 1`,
    [run],
  );
}
