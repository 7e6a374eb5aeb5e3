import { Failed } from '../../model/failure.js';
import type { Look } from '../../model/live/look.js';
import { leaseOf } from '../../model/looking.js';
import type { HostOperation } from '../../model/operation.js';
import { operationOf, type Plan, type PlannedStep } from '../../model/plan.js';
import { liveness, type Liveness } from './liveness.js';
import { lookAtStep } from './look-at-step.js';
import type { HostSoFar } from './look-so-far.js';
import type { Filler, StepNeeds } from './needs.js';
import type { Destination, Facts, Session } from './session.js';

/** One host of a live plan. */
export interface LookRequest {
  /** The live plan's name; on the host, tasks are named after it while it looks. */
  readonly live: string;
  readonly planHash: string;
  readonly host: string;
}

/** What can be said of a task before the run: whether it would act and with which values, or what must run before. */
export type Preview = { readonly when: boolean; readonly filler: Filler } | { readonly before: readonly string[] };

export interface LookNeeds extends StepNeeds {
  readPlan(hash: string): Promise<Plan>;
  plannedDestination(plan: Plan, host: string): Promise<Destination>;
  /** A holder number that takes the machine from no run. */
  askingHolder(machine: string): Promise<number>;
  preview(plan: Plan, step: PlannedStep, host: string, operation: HostOperation, facts: Facts): Promise<Preview>;
  owesRestart(machine: string, service: string): Promise<boolean>;
  /** Keeps what was seen; again it replaces what an earlier try kept. */
  keepLooks(live: string, looks: readonly Look[]): Promise<void>;
}

/**
 * Runs the checks of a plan on one host, in the plan's order, and keeps what each step would do. Nothing is claimed
 * and no pre-image is saved; what the scripts printed leaves the host with the last one.
 *
 * @returns how many steps were looked at
 */
export async function lookAtHost(needs: LookNeeds, { live, planHash, host }: LookRequest): Promise<number> {
  const life = liveness();
  try {
    const plan = await needs.readPlan(planHash);
    const steps = plan.phases.flatMap((phase) => phase.steps).filter((step) => operationOf(step, host)?.on === 'host');
    const looks = await life.unlessDetached(lookAround(needs, plan, live, host, steps, life));
    await needs.keepLooks(live, looks);
    return looks.length;
  } finally {
    life.end();
  }
}

async function lookAround(
  needs: LookNeeds,
  plan: Plan,
  live: string,
  host: string,
  steps: readonly PlannedStep[],
  life: Liveness,
): Promise<Look[]> {
  const looks: Look[] = [];
  const tasks = steps.map((step) => `${live}.${step.id}`);
  let session: Session | undefined;
  try {
    const machine = plan.hosts[host]?.machine ?? '';
    const [destination, holder] = [
      await needs.plannedDestination(plan, host),
      await needs.askingHolder(leaseOf(plan, host)),
    ];
    session = await needs.sessions.open(destination, holder);
    await session.forget(tasks);
    const here: HostSoFar = { needs, plan, live, host, machine, destination, holder, session, life, looks };
    for (const step of steps) looks.push(await lookAtStep(here, step));
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    const because = `${error.failure.kind}: ${error.failure.known}`;
    for (const step of steps.slice(looks.length)) looks.push({ step: step.id, host, state: 'unreachable', because });
  } finally {
    // A host that went away keeps them until the next look under this name, or until it is cleaned.
    await session?.forget(tasks).catch(() => undefined);
  }
  return looks;
}
