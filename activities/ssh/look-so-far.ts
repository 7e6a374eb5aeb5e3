import type { Look } from '../../model/live/look.js';
import type { HostOperation } from '../../model/operation.js';
import { operationOf, type Plan, type PlannedStep } from '../../model/plan.js';
import type { Liveness } from './liveness.js';
import type { LookNeeds } from './look-ahead.js';
import type { Destination, PartEnd, Session } from './session.js';

/** A host in the midst of a live plan. */
export interface HostSoFar {
  readonly needs: LookNeeds;
  readonly plan: Plan;
  readonly live: string;
  readonly host: string;
  readonly machine: string;
  readonly destination: Destination;
  readonly holder: number;
  readonly session: Session;
  readonly life: Liveness;
  /** What the steps before came to. */
  readonly looks: readonly Look[];
}

/** What a look came to, without its name. */
export type Seen = Omit<Look, 'step' | 'host'>;

/** A look that failed: for lack of what an earlier step would make, perhaps; else as it would in a run. */
export function failed(here: HostSoFar, part: string, end: PartEnd, said: string): Seen {
  const known =
    end.how === 'exited'
      ? `${part} exited with ${end.code}: ${said || 'no message'}`
      : 'failure' in end
        ? `${end.failure.kind}: ${end.failure.known}`
        : `${part} was killed after ${end.milliseconds} ms`;
  if (end.how === 'lost') return { state: 'unreachable', because: known };
  const before = here.looks.findLast((one) => changes(here, one))?.step;
  if (before === undefined || end.how !== 'exited') return { state: 'refused', because: known };
  return { state: 'not_known', before: [before], because: known };
}

/** Whether a step before would leave the host otherwise. */
export function changes(here: HostSoFar, { step, state }: Look): boolean {
  if (state === 'would_change' || state === 'not_known') return true;
  return (
    state === 'would_run' && planned(here, step)?.readOnly === false && planned(here, step)?.undo.how !== 'nothing'
  );
}

export function planned({ plan }: HostSoFar, id: string): PlannedStep | undefined {
  return plan.phases.flatMap(({ steps }) => steps).find((step) => step.id === id);
}

export function stepOperation(here: HostSoFar, id: string): HostOperation {
  const step = planned(here, id);
  const operation = step && operationOf(step, here.host);
  if (operation?.on !== 'host') throw new Error(`${id} does nothing over SSH on ${here.host}`);
  return operation;
}
