import type { EntityManager } from 'typeorm';
import { operationOf, type Plan } from '../model/plan.js';
import { nameOnHost } from '../model/task/name-on-host.js';
import type { Database } from './connect.js';
import { readPlan } from './plans.js';
import { rows, transaction } from './query.js';
import { json } from './storable.js';
import { appendAudit } from './write-audit.js';

/** Days after its end for which a run can still go back. One that is undone has nothing left to go back from. */
const days = 30;

/** A host of an inventory; two inventories may name one machine differently, and its journals go by those names. */
export interface NamedMachine {
  readonly machine: string;
  readonly host: string;
}

/** A task of which a host still keeps journal, output and pre-image, although its run is archived. */
export interface RemnantTask {
  readonly run: string;
  readonly step: string;
  /** Its names in the host's journal: its own, and those of the author's steps that undo it. */
  readonly names: readonly string[];
}

/**
 * Archives the runs that have been on the host and are due: undone, or ended a month ago. Undo is refused from then on.
 *
 * @returns the tasks of all archived runs that the host has not forgotten
 */
export async function archivedTasks(db: Database, on: NamedMachine): Promise<RemnantTask[]> {
  await transaction(db, async (manager) => archiveDue(manager, on));
  const found = await rows<{ run: string; step: string; turn: number; plan_hash: string }>(
    db,
    `select run, step, turn, plan_hash from tasks join runs using (run)
     where machine = $1 and host = $2 and attempt > 0 and forgotten_at is null and archived_at is not null
     order by runs.number, phase, wave, position`,
    [on.machine, on.host],
  );
  const plans = new Map<string, Plan>();
  for (const { plan_hash: hash } of found) if (!plans.has(hash)) plans.set(hash, await readPlan(db, hash));
  return found.flatMap(({ plan_hash: hash, ...task }) => remnant(plans.get(hash)!, task, on.host));
}

/** The run's lock decides between an archive and an undo: whoever comes second sees what the first one did. */
async function archiveDue(manager: EntityManager, { machine, host }: NamedMachine): Promise<void> {
  const due = await rows<{ run: string }>(
    manager,
    `select run from runs
     where archived_at is null and ended_at is not null
       and (state = 'undone' or ended_at <= clock_timestamp() - $3 * interval '1 day')
       and exists (select 1 from tasks where tasks.run = runs.run and machine = $1 and host = $2)
     order by number for no key update`,
    [machine, host, days],
  );
  await rows(manager, 'update runs set archived_at = clock_timestamp() where run = any ($1)', [
    due.map(({ run }) => run),
  ]);
  for (const { run } of due) await appendAudit(manager, run, [{ kind: 'run-archived', by: 'belay', data: {} }]);
}

function remnant(
  plan: Plan,
  { run, step: id, turn }: { readonly run: string; readonly step: string; readonly turn: number },
  host: string,
): RemnantTask[] {
  const step = plan.phases.flatMap(({ steps }) => steps).find((one) => one.id === id);
  if (step === undefined || operationOf(step, host)?.on !== 'host') return [];
  const back = step.undo.how === 'steps' ? step.undo.steps.map((one) => one.id) : [];
  const turns = Array.from({ length: turn + 1 }, (_, number) => number);
  const names = [id, ...back].flatMap((name) => turns.map((number) => nameOnHost(run, name, number)));
  return [{ run, step: id, names }];
}

/** Writes that a host remembers nothing of these tasks any more. */
export async function markForgotten(db: Database, host: string, tasks: readonly RemnantTask[]): Promise<void> {
  await rows(
    db,
    `update tasks set forgotten_at = clock_timestamp()
     from jsonb_to_recordset($2::jsonb) as gone (run text, step text)
     where tasks.run = gone.run and tasks.step = gone.step and tasks.host = $1`,
    [host, json(tasks)],
  );
}
