import type { Plan, PlannedPhase, PlannedStep } from '../plan.js';
import { planScope, stepSources } from './plan-scope.js';
import { scopeWithin, withoutKey, type Bindings, type Named } from './registered-steps.js';
import type { Scope } from './scope.js';

/** One task, and what the run has found out by now. */
export interface TaskSurroundings {
  readonly step: string;
  readonly host: string;
  readonly bindings: Bindings;
  /** What the host tells of itself. */
  readonly facts?: Named;
}

/**
 * What the expressions of a task can name: the plan's values or those of its fragment, the host's facts, what steps
 * registered, and the entry that a repeated step is for.
 */
export function taskScope(plan: Plan, { step: id, host, bindings, facts }: TaskSurroundings): Scope {
  const { phase, step } = placeOf(plan, id);
  const sources = stepSources(plan, phase, host);
  const registered = (one: string): Named => bindings[one]?.[sources.get(one) ?? ''] ?? {};
  const around = { plan, host: { ...planScope(plan, host).host, ...facts }, phase, bindings, registered };
  const scope = scopeWithin(around, step?.scope);
  const entry = step?.each ?? (step?.scope === undefined ? plan.phases[phase]?.each : undefined);
  return { ...scope, ...(entry && { each: { value: entry.value, index: entry.index } }) };
}

/** The name by which a step calls itself in its own expressions. */
export function ownName({ id, each, scope }: PlannedStep, phase: Pick<PlannedPhase, 'each'>): string {
  const own = (each?.of ?? id).slice(scope?.prefix.length ?? 0);
  return scope === undefined ? withoutKey(own, phase) : own;
}

/** The step of the plan that a step means by an id; of what is repeated over a list, all. */
export function idMeant(plan: Plan, { id, scope }: PlannedStep, named: string): string {
  if (scope !== undefined) return scope.prefix + named;
  const { each } = plan.phases[placeOf(plan, id).phase] ?? {};
  const own = each !== undefined && plan.repetitions?.[each.of]?.some((loop) => loop.id === named);
  return own ? `${named}.${each.key}` : named;
}

/** A step of the plan, as one of its own or as a way back of one, and the index of its phase. */
function placeOf(plan: Plan, id: string): { readonly phase: number; readonly step?: PlannedStep } {
  for (const [phase, { steps }] of plan.phases.entries()) {
    for (const step of steps) {
      if (step.id === id) return { phase, step };
      const back = step.undo.how === 'steps' ? step.undo.steps.find((one) => one.id === id) : undefined;
      if (back !== undefined) return { phase, step: back };
    }
  }
  return { phase: -1 };
}
