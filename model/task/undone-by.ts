import type { Failure } from '../failure.js';
import { operationOf, type Plan, type PlannedStep } from '../plan.js';
import type { UndoOutcome, UndoOutline, UndoResult, UndoScope } from '../record.js';
import { reachOf } from './undo-reach.js';

/**
 * A step whose undo takes another one back, on the host of both. `act`: it goes back in this undo. `stay`: this undo
 * does not reach it. `nothing`: it has changed nothing there, so its undo takes nothing back.
 */
export interface Taker {
  readonly step: string;
  readonly name: string;
  readonly will: 'act' | 'stay' | 'nothing';
}

/** Whether a task may have changed something in its present turn, or was passed over by its own `when`. */
export interface TriedTask {
  readonly step: string;
  readonly host: string;
  readonly acted: boolean;
  readonly passed: boolean;
}

/** What the undo of one task comes to. */
type Back = Omit<UndoResult, 'step' | 'host'>;

/** The tasks that an undo covers, all of which were tried. */
export function coveredBy({ barriers }: Pick<UndoOutline, 'barriers'>): TriedTask[] {
  return barriers.flatMap(({ step, hosts }) =>
    hosts.map(({ host, acted, ending }) => ({ step, host, acted, passed: !acted && ending === 'skipped' })),
  );
}

/**
 * The steps that take a step back on a host; none for one that goes back otherwise. Of several those do not count that
 * were passed over by their own `when`: they had nothing to do there.
 *
 * @param tried - at least all tasks of the host that the undo covers
 * @param scope - what goes back; the whole run where absent
 */
export function takersOf(
  plan: Plan,
  { undo }: Pick<PlannedStep, 'undo'>,
  host: string,
  tried: readonly TriedTask[],
  scope?: UndoScope,
): Taker[] {
  if (undo.how !== 'by') return [];
  const steps = plan.phases.flatMap((phase) => phase.steps);
  const reached = reachOf(plan, scope);
  const named = steps.flatMap((step): (Taker & { readonly passed: boolean })[] => {
    const { id, name } = step;
    if (!undo.by.includes(id) || operationOf(step, host) === undefined) return [];
    const task = tried.find((one) => one.step === id && one.host === host);
    const will = !reached(id, host) ? 'stay' : task?.acted === true ? 'act' : 'nothing';
    return [{ step: id, name, will, passed: will === 'nothing' && task?.passed === true }];
  });
  const counting = named.some(({ passed }) => !passed) ? named.filter(({ passed }) => !passed) : named;
  return counting.map(({ step, name, will }) => ({ step, name, will }));
}

/**
 * What becomes of a task that has acted, before those go back that take it back: it is left until they have, and for
 * good where one of them does not.
 *
 * @param tried - what is being undone, on which host
 */
export function beforeTakers(tried: string, takers: readonly Taker[]): Back {
  const because = staysFor(takers);
  if (because !== undefined) return staysThere(tried, because);
  const known = `it goes back with ${takers.map(nameOf).join(' and ')}, and that has not gone back yet`;
  const next = `see what became of ${takers.map(({ step }) => step).join(' and ')}; what this step did stands or falls with it`;
  return { outcome: 'left', failure: { kind: 'undo/with-another', tried, known, next }, summary: known };
}

/**
 * What becomes of a task that was left until its takers would be back, when one of them is.
 *
 * @param left - how it was left; only what waits for its takers goes back with them
 * @param taker - the one that is back; `idle` where there was nothing of it to take back
 * @param all - what all of its takers have come to, that one included
 * @returns undefined where it stays as it is
 */
export function afterTaker(
  left: Failure | null | undefined,
  taker: Pick<Taker, 'step' | 'name'> & { readonly idle: boolean },
  all: readonly (UndoOutcome | undefined)[],
): Back | undefined {
  if (left?.kind !== 'undo/with-another') return undefined;
  if (taker.idle) return staysThere(left.tried, whyNot({ ...taker, will: 'nothing' }));
  if (all.some((outcome) => outcome !== 'undone')) return undefined;
  return { outcome: 'undone', summary: `it has gone back with ${nameOf(taker)}` };
}

/** The services that owe a restart once a step is back: those of what goes back with it, too, and not before. */
export function owedBack({ phases }: Plan, { id, undo, owes }: Pick<PlannedStep, 'id' | 'undo' | 'owes'>): string[] {
  if (undo.how === 'by') return [];
  const taken = phases.flatMap(({ steps }) => steps.filter((one) => one.undo.how === 'by' && one.undo.by.includes(id)));
  return [...new Set([...owes, ...taken.flatMap((one) => one.owes)])];
}

/** Why a task stays as it is though others are to take it back; undefined where they will. */
export function staysFor(takers: readonly Taker[]): string | undefined {
  const missing = takers.find(({ will }) => will !== 'act');
  if (missing !== undefined) return whyNot(missing);
  return takers.length === 0 ? 'no step of its plan takes it back on this host' : undefined;
}

function whyNot(taker: Taker): string {
  return taker.will === 'stay'
    ? `it goes back with ${nameOf(taker)}, which this undo does not reach`
    : `it goes back with ${nameOf(taker)}, which has changed nothing there, so its undo takes nothing back`;
}

function staysThere(tried: string, known: string): Back {
  const next = 'what the step did is still there; where that does harm, put it right by hand';
  return { outcome: 'left', failure: { kind: 'undo/impossible', tried, known, next }, summary: known };
}

function nameOf({ step, name }: Pick<Taker, 'step' | 'name'>): string {
  return `${name} (${step})`;
}
