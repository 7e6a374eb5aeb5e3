import type { HostOperation, Operation } from '../../../model/operation.js';
import { onlyReads, type Plan, type PlannedPhase, type PlannedStep } from '../../../model/plan.js';
import { injected } from '../../chaos/faults.js';

/** On a host: the ids of the steps that are to fail there, one a line. */
export const armoury = '/run/failures-to-inject';

/** Seconds that a wait of the runbook takes in a plan that is broken on purpose: nobody is waiting for anything there. */
const shortWait = 1;

/**
 * A plan in which each step that changes something fails on each host that has been told so (`armoury`), after its effect.
 * Before every phase the run stands still until somebody approves, so that what is there can be compared.
 *
 * What a worker does by itself, such as a change of a directory, cannot be made to fail halfway: there the next thing fails.
 */
export function standingStill(plan: Plan): Plan {
  const approval = { ask: 'Go on?', groups: [], votes: 1, onTimeout: 'stop' } as const;
  return breakable(plan, (phase) => ({ ...phase, approval: phase.approval ?? approval }));
}

/** As {@link standingStill}, but such that the run goes back whole by itself where a step fails. */
export function goingBackAlone(plan: Plan): Plan {
  return breakable(plan, (phase) => ({ ...phase, onFailure: 'undo' }));
}

function breakable(plan: Plan, change: (phase: PlannedPhase) => PlannedPhase): Plan {
  const phases = plan.phases.map((phase) => change({ ...phase, steps: phase.steps.flatMap(withFailure) }));
  return { ...plan, phases };
}

function withFailure(step: PlannedStep): PlannedStep[] {
  if (step.operations.some(({ on }) => on === 'clock')) return [{ ...step, operations: step.operations.map(shorter) }];
  if (onlyReads(step)) return [step];
  const once = { ...step, retry: { ...step.retry, attempts: 1 } };
  const { when: _, ...always } = step;
  const before = nothing(always, beforeOf(step.id), 'The last thing has been done');
  if (step.operations.some(({ on }) => on !== 'host'))
    return [before, once, nothing(step, behindOf(step.id), 'The next thing is done')];
  return [before, { ...once, operations: step.operations.map((one) => failingAfter(one as HostOperation, step.id)) }];
}

const shorter = (operation: Operation): Operation =>
  operation.on === 'clock' ? { ...operation, seconds: Math.min(operation.seconds, shortWait) } : operation;

function failingAfter(operation: HostOperation, id: string): HostOperation {
  const done = (operation.do.doneExits ?? [0]).join(' | ');
  const text = `(\n${operation.do.text}\n)\ncode=$?\ncase $code in ${done}) ${failing(id)} ;; esac\nexit "$code"\n`;
  return { ...operation, do: { ...operation.do, text } };
}

const failing = (id: string): string =>
  `! grep -qxF '${id}' ${armoury} 2>/dev/null || { echo 'a failure was injected here' >&2; exit ${injected}; }`;

/** Where a run can be made to stand still before a step; it is told to by this id. */
export const beforeOf = (step: string): string => `${step}_before`;

/** The id of what fails in place of a step that a worker does by itself; it is told to by that of the step. */
export const behindOf = (step: string): string => `${step}_behind`;

/** The step that such a step fails in place of; other steps are themselves. */
export const inFront = (step: string): string => step.replace(/_behind$/, '');

/** A step beside another one, on the same hosts, that does nothing and can be made to fail. */
function nothing(step: PlannedStep, id: string, name: string): PlannedStep {
  const { hints: _, lostAfter: __, ...rest } = step;
  return {
    ...rest,
    id,
    name,
    kind: 'shell',
    retry: { ...step.retry, attempts: 1 },
    repeatable: true,
    readOnly: true,
    register: {},
    assert: [],
    undo: { how: 'nothing' },
    owes: [],
    operations: [{ on: 'host', do: { text: `${failing(inFront(id))}\n` } }],
    tasks: Object.fromEntries(Object.keys(step.tasks).map((host) => [host, 0])),
  };
}
