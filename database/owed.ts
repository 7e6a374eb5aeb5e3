import type { Database } from './connect.js';
import { rows, type Reach } from './query.js';
import { json } from './storable.js';

export interface OwedRestart {
  readonly host: string;
  readonly service: string;
  /** Hand it to `payRestarts` once the restart is verified: what became owed later stays owed. */
  readonly upTo: number;
}

/** Which of these services owe a restart. Owed is by machine, over all runs; `run` says what its host names mean. */
export async function owedRestarts(
  db: Database,
  run: string,
  pairs: readonly { readonly host: string; readonly service: string }[],
): Promise<OwedRestart[]> {
  return rows<OwedRestart>(
    db,
    `select pair.host, pair.service, max(owed.id) as "upTo"
     from jsonb_to_recordset($2::jsonb) as pair (host text, service text)
     join (select distinct host, machine from tasks where run = $1) named using (host)
     join owed_restarts owed on owed.machine = named.machine and owed.service = pair.service and owed.paid_at is null
     group by pair.host, pair.service order by pair.host, pair.service`,
    [run, json(pairs)],
  );
}

/** Whether a service of a machine owes a restart now, whichever run made it owed. */
export async function owesRestart(db: Database, machine: string, service: string): Promise<boolean> {
  const owed = 'select 1 from owed_restarts where machine = $1 and service = $2 and paid_at is null limit 1';
  return (await rows(db, owed, [machine, service])).length > 0;
}

/** Takes back what attempts would have owed that found everything so already: they changed nothing. */
export async function forgiveRestarts(
  db: Reach,
  run: string,
  attempts: readonly { readonly step: string; readonly host: string; readonly attempt: number }[],
): Promise<void> {
  if (attempts.length === 0) return;
  await rows(
    db,
    `update owed_restarts owed set paid_at = clock_timestamp(), paid_by = $1
     from jsonb_to_recordset($2::jsonb) as so (step text, host text, attempt integer)
     where owed.run = $1 and owed.step = so.step and owed.host = so.host and owed.attempt = so.attempt
       and owed.part = 'do' and owed.paid_at is null`,
    [run, json(attempts)],
  );
}

/** Notes that restarts were made and verified. Paying twice is harmless. */
export async function payRestarts(db: Database, run: string, paid: readonly OwedRestart[]): Promise<void> {
  await rows(
    db,
    `update owed_restarts owed set paid_at = clock_timestamp(), paid_by = $1
     from jsonb_to_recordset($2::jsonb) as paid (host text, service text, "upTo" bigint)
     join (select distinct host, machine from tasks where run = $1) named using (host)
     where owed.machine = named.machine and owed.service = paid.service and owed.id <= paid."upTo"
       and owed.paid_at is null`,
    [run, json(paid)],
  );
}
