import type { Plan, PlannedPhase, PlannedScope, PlannedStep } from '../plan.js';
import { unusable } from './evaluate.js';
import { namedParameters, namedSteps } from './named-steps.js';
import { planScope, stepSources } from './plan-scope.js';
import { lateParameters, scopeWithin, withoutKey, type Around, type Bindings, type Named } from './registered-steps.js';
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
  const own = { ...planScope(plan, host).host, ...facts };
  const around: Around = { plan, host: own, phase, bindings, registered, outputs: new Map(), elsewhere: new Map() };
  if (step?.scope !== undefined) mustFit(around, step.scope);
  const scope = scopeWithin(around, step?.scope);
  const entry = step?.each ?? (step?.scope === undefined ? plan.phases[phase]?.each : undefined);
  return { ...scope, ...(entry && { each: { value: entry.value, index: entry.index } }) };
}

/** What the call gives must be what its fragment takes, before any step of it acts on it. */
function mustFit(around: Around, scope: PlannedScope): void {
  for (const [name, found] of Object.entries(lateParameters(around, scope)))
    if ('wrong' in found) throw unusable(`give ${name} to ${scope.prefix.slice(0, -1)}`, found.wrong);
}

/** The name by which a step calls itself in its own expressions. */
export function ownName({ id, each, scope }: PlannedStep, phase: Pick<PlannedPhase, 'each'>): string {
  const own = (each?.of ?? id).slice(scope?.prefix.length ?? 0);
  return scope === undefined ? withoutKey(own, phase) : own;
}

/** The steps of the plan whose values expressions of a step read, also through what its call gives; of what is repeated over a list, all as one. */
export function stepsRead(plan: Plan, step: PlannedStep, expressions: readonly string[]): readonly string[] {
  const phase = plan.phases[placeOf(plan, step.id).phase];
  return [...new Set(expressions.flatMap((one) => readIn(one, step.scope, phase, plan)))];
}

function readIn(
  expression: string,
  scope: PlannedScope | undefined,
  phase: PlannedPhase | undefined,
  plan: Plan,
): readonly string[] {
  const own = namedSteps(expression).map((id) => idMeant(id, scope, phase, plan));
  if (scope?.late === undefined) return own;
  const callers = (phase?.calls ?? []).filter(
    ({ id, scope: one }) => id !== callOf(scope) && scope.prefix.startsWith(one.prefix),
  );
  const [caller] = [...callers].sort((a, b) => b.scope.prefix.length - a.scope.prefix.length);
  const given = namedParameters(expression).flatMap((name) => scope.late?.[name]?.given.template ?? []);
  const inner = given.flatMap((piece) =>
    typeof piece === 'string' ? [] : readIn(piece.expression, caller?.scope, phase, plan),
  );
  return [...own, ...inner];
}

function callOf({ prefix }: PlannedScope): string {
  return prefix.slice(0, -1);
}

function idMeant(id: string, scope: PlannedScope | undefined, phase: PlannedPhase | undefined, plan: Plan): string {
  if (scope !== undefined) return scope.prefix + id;
  const each = phase?.each;
  const own = each !== undefined && plan.repetitions?.[each.of]?.some((loop) => loop.id === id);
  return own ? `${id}.${each.key}` : id;
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
