import type { Plan, PlannedCall, PlannedPhase, PlannedScope, PlannedStep } from '../plan.js';
import type { Value } from '../value.js';
import { tryEvaluate } from './evaluate.js';
import { planScope, stepSources } from './plan-scope.js';
import type { Scope } from './scope.js';

type Named = Readonly<Record<string, Value>>;

/** What steps have registered, by step, host and name. */
export type Bindings = Readonly<Record<string, Readonly<Record<string, Named>>>>;

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
  const scope = within(around, step?.scope);
  return { ...scope, ...(step?.each && { each: { value: step.each.value, index: step.each.index } }) };
}

/** The name by which a step calls itself in its own expressions. */
export function ownName({ id, each, scope }: PlannedStep): string {
  return (each?.of ?? id).slice(scope?.prefix.length ?? 0);
}

interface Around {
  readonly plan: Plan;
  readonly host: Named;
  readonly phase: number;
  readonly bindings: Bindings;
  /** What a step registered, seen from the task's host. */
  readonly registered: (step: string) => Named;
}

/** The scope of a runbook, or of one fragment in it: each knows its own parameters, steps and nothing of the others. */
function within(around: Around, fragment: PlannedScope | undefined): Scope {
  const { plan, host, phase, registered } = around;
  const prefix = fragment?.prefix ?? '';
  const isOwn = (id: string): boolean => id.startsWith(prefix) && !id.slice(prefix.length).includes('.');
  const phases = plan.phases.slice(0, phase + 1);
  const steps: Record<string, Named> = {};
  for (const { id } of phases.flatMap((one) => one.steps))
    if (isOwn(id)) steps[id.slice(prefix.length)] = registered(id);
  for (const { id, registers } of phases.flatMap((one) => one.loops ?? []))
    if (isOwn(id)) steps[id.slice(prefix.length)] = gathered(around, id, registers);
  const calls = phases.flatMap((one) => one.calls ?? []);
  for (const call of calls)
    if (call.each === undefined && isOwn(call.id)) steps[call.id.slice(prefix.length)] = outputs(around, call);
  if (fragment !== undefined) return { param: fragment.param, groups: {}, host, steps };
  const { param = {}, groups = {} } = planScope(plan);
  return { param, groups, host, steps, every: () => ofEveryHost(around) };
}

/** What each host registered in earlier phases, in the order of the phase's hosts, without those that did not. */
function ofEveryHost({ plan, phase, bindings }: Around): Record<string, Named[]> {
  const every: Record<string, Named[]> = {};
  for (const [index, { waves }] of plan.phases.slice(0, Math.max(phase, 0)).entries()) {
    for (const host of waves.flat()) {
      const registered = (one: string): Named => bindings[one]?.[host] ?? {};
      const { steps = {} } = within({ plan, host: {}, phase: index, bindings, registered }, undefined);
      for (const id of idsOf(plan.phases[index])) {
        every[id] ??= [];
        if (hasRegistered(bindings, id, host)) every[id].push({ ...steps[id], host });
      }
    }
  }
  return every;
}

/** Whether a step, an entry of a repeated one, or a step of a called fragment has registered something on a host. */
function hasRegistered(bindings: Bindings, id: string, host: string): boolean {
  return Object.entries(bindings).some(
    ([one, hosts]) => (one === id || one.startsWith(`${id}.`)) && Object.hasOwn(hosts, host),
  );
}

/** The ids that the author has written in a phase. */
function idsOf(phase: PlannedPhase | undefined): string[] {
  const { steps = [], loops = [], calls = [] } = phase ?? {};
  const own = steps.filter(({ scope, each }) => scope === undefined && each === undefined);
  const called = calls.filter(({ id, each }) => each === undefined && !id.includes('.'));
  return [...own, ...loops, ...called].map(({ id }) => id).filter((id) => !id.includes('.'));
}

/** Of a repeated step, each name as the list of its values, in the order of the entries that have one. */
function gathered(around: Around, loop: string, names: readonly string[]): Named {
  const phases = around.plan.phases.slice(0, around.phase + 1);
  const values = [
    ...phases.flatMap(({ steps }) =>
      steps.filter(({ each }) => each?.of === loop).map(({ id }) => around.registered(id)),
    ),
    ...phases.flatMap(({ calls = [] }) =>
      calls.filter(({ each }) => each?.of === loop).map((call) => outputs(around, call)),
    ),
  ];
  const listOf = (name: string): Value =>
    values.flatMap((one) => (Object.hasOwn(one, name) ? [one[name] as Value] : []));
  return Object.fromEntries(names.map((name) => [name, listOf(name)]));
}

/** What a fragment gives back, as far as its steps have come. */
function outputs(around: Around, call: PlannedCall): Named {
  const scope = within(around, call.scope);
  const found = Object.entries(call.outputs).flatMap(([name, expression]) => {
    const outcome = tryEvaluate(expression, scope);
    return 'value' in outcome ? [[name, outcome.value] as const] : [];
  });
  return Object.fromEntries(found);
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
