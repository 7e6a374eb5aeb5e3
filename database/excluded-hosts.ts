import type { EntityManager } from 'typeorm';
import { belowMinimum } from '../model/group-minimum.js';
import type { VerbOutcome, VerbRecord } from '../model/record.js';
import type { TaskState } from '../model/states.js';
import { readPlan } from './plans.js';
import { row, rows, type Reach } from './query.js';
import { runRow } from './run-row.js';
import { storableText } from './storable.js';
import type { ExcludedHostRow } from './tables/operators.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';

/** A host that takes no further part in a run. */
export interface ExcludedHost {
  readonly host: string;
  readonly by: string;
  readonly because: string;
}

/** What an exclusion came to: the tasks that are skipped, and how many of them had waited for a decision. */
interface Excluded {
  readonly skipped: number;
  readonly decided: number;
}

/** The hosts that are out of a run by an operator's word. */
export async function readExcluded(reach: Reach, run: string): Promise<ExcludedHost[]> {
  const found = await rows<ExcludedHostRow>(reach, 'select * from excluded_hosts where run = $1 order by at, host', [
    run,
  ]);
  return found.map(({ host, excluded_by: by, because }) => ({ host, by, because }));
}

/** Why a host cannot leave a run: `excluded` where it has left already; undefined where it can. */
export async function whyNotExcluded(reach: Reach, run: string, host: string): Promise<string | undefined> {
  const { plan_hash: hash } = await runRow(reach, run);
  const known = await row(reach, 'select 1 from tasks where run = $1 and host = $2 limit 1', [run, host]);
  if (!known) return `the run has no host ${host}`;
  const out = (await readExcluded(reach, run)).map((one) => one.host);
  if (out.includes(host)) return 'excluded';
  return belowMinimum(await readPlan(reach, hash), [...out, host]);
}

/**
 * Takes a host out of what is still to come of a run that is locked, or says why it stays: its open and failed tasks are
 * skipped. What was done there stays, and undo covers it.
 */
export async function excludeByWord(
  manager: EntityManager,
  { run, by, arguments: { host = '', reason = '' } }: VerbRecord,
): Promise<{ readonly outcome: VerbOutcome; readonly decided: number }> {
  const refused = await whyNotExcluded(manager, run, host);
  if (refused !== undefined) {
    const because = refused === 'excluded' ? `${host} is excluded already` : refused;
    return { outcome: { accepted: false, because }, decided: 0 };
  }
  const { skipped, decided } = await excludeLocked(manager, run, { host, by, because: reason });
  const because = `${host} is excluded; ${skipped === 1 ? '1 task is' : `${skipped} tasks are`} skipped`;
  return { outcome: { accepted: true, because }, decided };
}

/** As {@link excludeByWord}, whatever the sizes of groups; a host that is out stays out. */
export async function excludeLocked(
  manager: EntityManager,
  run: string,
  { host, by, because }: ExcludedHost,
): Promise<Excluded> {
  const written = await rows(
    manager,
    `insert into excluded_hosts (run, host, excluded_by, because) values ($1, $2, $3, $4)
     on conflict do nothing returning host`,
    [run, host, storableText(by), storableText(because)],
  );
  if (written.length === 0) return { skipped: 0, decided: 0 };
  const skipped = await rows<{ step: string; before: TaskState }>(
    manager,
    `with open as (
       select run, step, host, state as before from tasks
       where run = $1 and host = $2 and state in ('pending', 'failed', 'unreachable', 'unknown', 'undo_failed')
     )
     update tasks set state = 'skipped', settled_by = $3, settled_because = $4
     from open where (tasks.run, tasks.step, tasks.host) = (open.run, open.step, open.host)
     returning tasks.step, before`,
    [run, host, storableText(by), storableText(`${host} is excluded: ${because}`)],
  );
  const data = { host, because, by, skipped: skipped.map(({ step }) => step) };
  await appendEvents(manager, run, [{ kind: 'host-excluded', data }]);
  await appendAudit(manager, run, [{ kind: 'host-excluded', by, data }]);
  return { skipped: skipped.length, decided: skipped.filter(({ before }) => before !== 'pending').length };
}
