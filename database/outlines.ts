import type { PlannedPhase, PlannedStep } from '../model/plan.js';
import type { RunOutline, StepOutline, WaveOutline } from '../model/record.js';
import { mustGoForward } from './attempts.js';
import type { Database } from './connect.js';
import { waitsForLeases } from './lease-turns.js';
import { readPlan } from './plans.js';
import { row, rows, transaction } from './query.js';
import { lockRun, runRow } from './run-row.js';
import { finishedPhasesTable } from './tables/runs.js';
import { taskRecord, taskRows } from './tasks.js';
import { appendEvents } from './write-events.js';

/** @throws UnknownRun */
export async function readOutline(db: Database, run: string): Promise<RunOutline> {
  const found = await runRow(db, run);
  const { state, plan_hash: planHash } = found;
  const plan = await readPlan(db, planHash);
  const budgeted = plan.budgets !== undefined;
  const finished = await db.getRepository(finishedPhasesTable).findBy({ run });
  const done = new Set(finished.map(({ phase }) => phase));
  const owing = await owingWaves(db, run);
  return {
    run,
    state,
    planHash,
    ...(waitsForLeases(found) ? { queued: true } : {}),
    ...(found.live_plan !== null && found.live_checked_at === null ? { looksFirst: true } : {}),
    ...(budgeted ? { budgeted } : {}),
    phases: plan.phases.map(({ name, waves, approval, onFailure }, index) => ({
      name,
      waves,
      onFailure,
      done: done.has(index),
      wave: owing.get(index) ?? 0,
      ...(approval ? { approval } : {}),
    })),
  };
}

/** The first wave of each phase in which something is still to be done or decided. */
async function owingWaves(db: Database, run: string): Promise<ReadonlyMap<number, number>> {
  const found = await rows<{ phase: number; wave: number }>(
    db,
    `select phase, min(wave) as wave from tasks
     where run = $1 and state not in ('ok', 'changed', 'skipped', 'undone') group by phase`,
    [run],
  );
  return new Map(found.map(({ phase, wave }) => [phase, wave]));
}

/** @throws UnknownRun; RangeError where the plan has no such phase or wave */
export async function readWave(db: Database, run: string, phase: number, wave: number): Promise<WaveOutline> {
  const { plan_hash: planHash } = await runRow(db, run);
  const planned = (await readPlan(db, planHash)).phases[phase];
  const hosts = planned?.waves[wave];
  if (!planned || !hosts) throw new RangeError(`run ${run} has no wave ${wave} in phase ${phase}`);
  const tasks = await taskRows(db, 'run = $1 and phase = $2 and wave = $3', [run, phase, wave]);
  return { ...outlineOf(planned, hosts), tasks: tasks.map(taskRecord) };
}

function outlineOf(planned: PlannedPhase, hosts: readonly string[]): Omit<WaveOutline, 'tasks'> {
  return {
    phase: planned.name,
    maxFailures: planned.maxFailures,
    // A step whose condition holds on no host, as the plan knew already, has nothing to do.
    steps: planned.steps.filter((step) => step.operations.length > 0).map((step) => stepOutline(step, hosts)),
  };
}

function stepOutline(step: PlannedStep, hosts: readonly string[]): StepOutline {
  const operation = step.operations[0];
  return {
    id: step.id,
    name: step.name,
    on: operationPlace(step),
    seconds: operation?.on === 'clock' ? operation.seconds : 0,
    retry: step.retry,
    timeout: step.timeout,
    ...(step.lostAfter === undefined ? {} : { lostAfter: step.lostAfter }),
    repeatable: step.repeatable,
    hosts: hosts.filter((host) => step.tasks[host] !== undefined),
  };
}

/** Where a step acts: its operations differ in their values, never in that. */
export function operationPlace(step: PlannedStep): StepOutline['on'] {
  const [operation] = step.operations;
  if (!operation) throw new Error(`step ${step.id} has no operation`);
  return operation.on;
}

/**
 * Notes that a phase is through. It is not while nobody knows what became of one of its tasks.
 *
 * @returns the first wave of the phase with such a task, where there is one: then nothing is noted
 * @throws NotAuthorised where the run does not go forward, UnknownRun
 */
export async function finishPhase(db: Database, run: string, phase: number): Promise<number | undefined> {
  return transaction(db, async (manager) => {
    mustGoForward(await lockRun(manager, run));
    const unknown = await row<{ wave: number }>(
      manager,
      "select wave from tasks where run = $1 and phase = $2 and state = 'unknown' order by wave limit 1",
      [run, phase],
    );
    if (unknown) return unknown.wave;
    const noted = await rows(
      manager,
      'insert into finished_phases (run, phase) values ($1, $2) on conflict do nothing returning phase',
      [run, phase],
    );
    if (noted.length > 0) await appendEvents(manager, run, [{ kind: 'phase-finished', data: { phase } }]);
    return undefined;
  });
}
