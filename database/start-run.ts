import type { EntityManager } from 'typeorm';
import { disturbs } from '../model/budget.js';
import { whoIsBefore } from '../model/lease-line.js';
import { leaseOf } from '../model/looking.js';
import type { Plan } from '../model/plan.js';
import type { Database } from './connect.js';
import { waitInLine } from './lease-turns.js';
import { mustHaveLivePlan } from './live-plans.js';
import { holdLeases } from './leases.js';
import { readPlan } from './plans.js';
import { row, rows, transaction } from './query.js';
import { IdempotencyConflict, LeaseHeld, RunExists } from './refusals.js';
import { lockRun } from './run-row.js';
import { json } from './storable.js';
import type { TaskRow } from './tables/tasks.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';

export interface RunRequest {
  readonly run: string;
  readonly planHash: string;
  readonly by: string;
  readonly idempotencyKey: string;
  /** Hex SHA-256 of the request, by which a second use of the key for something else is noticed. */
  readonly requestDigest: string;
  /** False refuses the run where it would have to wait for its leases. */
  readonly wait?: boolean;
  /** Hash of a live plan that must still be so when the run begins. */
  readonly livePlan?: string;
}

/**
 * Writes a run with its tasks and gates, and with its leases or its place in the line for them; or nothing at all. The
 * same key and digest give the run that was started first.
 *
 * @throws IdempotencyConflict, UnknownPlan, UnknownLivePlan, RunExists; LeaseHeld where it would wait and must not
 */
export async function startRun(db: Database, request: RunRequest): Promise<{ run: string; created: boolean }> {
  const plan = await readPlan(db, request.planHash);
  return transaction(db, async (manager) => {
    if (request.livePlan !== undefined) await mustHaveLivePlan(manager, request.planHash, request.livePlan);
    if (!(await writeRun(manager, request, plan))) return { run: await earlierRun(manager, request), created: false };
    await writeTasks(manager, request.run, plan);
    await writeGates(manager, request.run, plan);
    const blocked = await holdLeases(manager, request.run);
    if (blocked && request.wait === false) throw new LeaseHeld(blocked.machine, blocked.run, whoIsBefore(blocked));
    const data = { runbook: plan.runbook.name, plan: request.planHash, by: request.by };
    await appendAudit(manager, request.run, [{ kind: 'run-started', by: request.by, data }]);
    await appendEvents(manager, request.run, [{ kind: 'run-started', data }]);
    if (blocked) await waitInLine(manager, await lockRun(manager, request.run), blocked);
    return { run: request.run, created: true };
  });
}

/** Waits here for another request with the same key; false where that one was first. */
async function writeRun(manager: EntityManager, request: RunRequest, plan: Plan): Promise<boolean> {
  const written = await rows(
    manager,
    `insert into runs (run, plan_hash, runbook, state, started_by, idempotency_key, request_digest, live_plan)
     values ($1, $2, $3, 'planned', $4, $5, $6, $7) on conflict do nothing returning run`,
    [
      request.run,
      request.planHash,
      plan.runbook.name,
      request.by,
      request.idempotencyKey,
      request.requestDigest,
      request.livePlan ?? null,
    ],
  );
  return written.length === 1;
}

async function earlierRun(manager: EntityManager, request: RunRequest): Promise<string> {
  const earlier = await row<{ run: string; request_digest: string }>(
    manager,
    'select run, request_digest from runs where idempotency_key = $1',
    [request.idempotencyKey],
  );
  if (!earlier) throw new RunExists(request.run);
  if (earlier.request_digest !== request.requestDigest) throw new IdempotencyConflict(request.idempotencyKey);
  return earlier.run;
}

async function writeTasks(manager: EntityManager, run: string, plan: Plan): Promise<void> {
  await rows(
    manager,
    `insert into tasks (run, step, host, machine, phase, wave, position, state, disturbs)
     select $1, step, host, machine, phase, wave, position, 'pending', disturbs
     from jsonb_to_recordset($2::jsonb)
       as task (step text, host text, machine text, phase integer, wave integer, position integer, disturbs boolean)`,
    [run, json(tasksOf(plan))],
  );
}

type PlacedTask = Pick<TaskRow, 'step' | 'host' | 'machine' | 'phase' | 'wave' | 'position' | 'disturbs'>;

/** Every step on every host of its phase's waves. */
function tasksOf(plan: Plan): PlacedTask[] {
  return plan.phases.flatMap((planned, phase) =>
    planned.waves.flatMap((hosts, wave) =>
      planned.steps.flatMap((step, position) =>
        hosts
          .filter((host) => step.tasks[host] !== undefined)
          .map((host) => ({
            step: step.id,
            host,
            machine: leaseOf(plan, host),
            phase,
            wave,
            position,
            disturbs: disturbs(step, host),
          })),
      ),
    ),
  );
}

async function writeGates(manager: EntityManager, run: string, plan: Plan): Promise<void> {
  const gates = plan.phases.flatMap(({ approval }, phase) => (approval ? [{ phase, wanted: approval.votes }] : []));
  await rows(
    manager,
    `insert into gates (run, phase, wanted)
     select $1, phase, wanted from jsonb_to_recordset($2::jsonb) as gate (phase integer, wanted integer)`,
    [run, json(gates)],
  );
}
