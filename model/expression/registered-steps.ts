import type { Plan, PlannedCall, PlannedPhase, PlannedScope } from '../plan.js';
import type { Value } from '../value.js';
import { accept } from '../types/accept.js';
import { tryEvaluate } from './evaluate.js';
import { tryFill } from './fill.js';
import { planScope } from './plan-scope.js';
import type { Scope } from './scope.js';

export type Named = Readonly<Record<string, Value>>;

/** What steps have registered, by step, host and name. */
export type Bindings = Readonly<Record<string, Readonly<Record<string, Named>>>>;

/** What a task sees of its run. */
export interface Around {
  readonly plan: Plan;
  readonly host: Named;
  readonly phase: number;
  readonly bindings: Bindings;
  /** What a step registered, seen from the task's host. */
  readonly registered: (step: string) => Named;
  /** The call that is looked from: only calls before it are seen. */
  readonly before?: string;
  /** What fragments have given back, by call: one may be given what another gave back, and so on. */
  readonly outputs: Map<string, Named>;
  /** The same by host, as each host sees it: what is given to a fragment may be what every host gave back. */
  readonly elsewhere: Map<string, Map<string, Named>>;
}

/** The scope of a runbook, or of one fragment in it: each knows its own parameters, steps and nothing of the others. */
export function scopeWithin(around: Around, fragment: PlannedScope | undefined): Scope {
  const { plan, host } = around;
  if (fragment !== undefined) {
    const late = Object.entries(lateParameters(around, fragment)).flatMap(([name, found]) =>
      'value' in found ? [[name, found.value] as const] : [],
    );
    const param = { ...fragment.param, ...Object.fromEntries(late) };
    return { param, groups: {}, host, steps: stepsUnder(fragment, around) };
  }
  const steps = {
    ...ofLeftOut(plan),
    ...ofRepetitions(around),
    ...Object.assign({}, ...phasesBeside(around).map((phase) => stepsOf(phase, around))),
  };
  const { param = {}, groups = {} } = planScope(plan);
  return { param, groups, host, steps, every: () => ofEveryHost(around) };
}

/** What a call gives to its fragment where only the run knows it; why not, where it is nothing that the fragment takes. */
export function lateParameters(
  around: Around,
  { prefix, late = {} }: PlannedScope,
): Readonly<Record<string, { readonly value: Value } | { readonly wrong: string } | { readonly absent: true }>> {
  if (Object.keys(late).length === 0) return {};
  const scope = callersScope(around, prefix);
  return Object.fromEntries(
    Object.entries(late).map(([name, { given, type }]) => {
      const value = tryFill(given, scope);
      if (value === undefined) return [name, { absent: true } as const];
      const accepted = accept(type, value, 'output');
      if ('value' in accepted) return [name, accepted];
      return [name, { wrong: accepted.mistakes.map(({ problem }) => problem).join('; ') }];
    }),
  );
}

/** What the call sees whose fragment's steps have ids with this prefix: what came before it. */
function callersScope(around: Around, prefix: string): Scope {
  const calls = reached(around).flatMap((one, phase) => (one.calls ?? []).map((call) => ({ call, phase })));
  const own = calls.find(({ call }) => call.scope.prefix === prefix);
  if (own === undefined) return {};
  const { call, phase } = own;
  const callers = calls.filter((one) => one !== own && call.id.startsWith(one.call.scope.prefix));
  const [caller] = callers.sort((a, b) => b.call.scope.prefix.length - a.call.scope.prefix.length);
  const entry = call.each ?? (caller === undefined ? around.plan.phases[phase]?.each : undefined);
  const scope = scopeWithin({ ...around, phase, before: call.id }, caller?.call.scope);
  return { ...scope, ...(entry && { each: { value: entry.value, index: entry.index } }) };
}

type Steps = Record<string, Named>;

/** What the steps of a fragment registered; it lies in one phase. */
function stepsUnder({ prefix }: PlannedScope, around: Around): Steps {
  const isOwn = (id: string): boolean => id.startsWith(prefix) && !id.slice(prefix.length).includes('.');
  const named = (id: string): string => id.slice(prefix.length);
  return Object.assign({}, ...reached(around).map((phase) => registeredIn(phase, around, isOwn, named))) as Steps;
}

/** What the steps of the runbook itself registered in one phase, by the ids that their author wrote. */
function stepsOf(phase: PlannedPhase, around: Around): Steps {
  const named = (id: string): string => withoutKey(id, phase);
  return registeredIn(phase, around, (id) => !named(id).includes('.'), named);
}

function registeredIn(
  phase: PlannedPhase,
  around: Around,
  isOwn: (id: string) => boolean,
  named: (id: string) => string,
): Steps {
  const steps: Steps = {};
  for (const { id } of phase.steps) if (isOwn(id)) steps[named(id)] = around.registered(id);
  for (const { id, registers } of phase.loops ?? []) if (isOwn(id)) steps[named(id)] = gathered(around, id, registers);
  for (const call of callsSeen(phase, around))
    if (call.each === undefined && isOwn(call.id)) steps[named(call.id)] = outputs(around, call);
  return steps;
}

function callsSeen({ calls = [] }: PlannedPhase, { before }: Around): readonly PlannedCall[] {
  const end = calls.findIndex(({ id }) => id === before);
  return end === -1 ? calls : calls.slice(0, end);
}

/** The phases that have come by now. */
function reached({ plan, phase }: Around): readonly PlannedPhase[] {
  return plan.phases.slice(0, phase + 1);
}

/** Of these, those whose steps are known by their own ids: what is repeated is so only to what it is repeated with. */
function phasesBeside(around: Around): readonly PlannedPhase[] {
  const here = around.plan.phases[around.phase]?.each;
  return reached(around).filter(
    ({ each }) => each === undefined || (each.of === here?.of && each.index === here.index),
  );
}

/** Steps of phases that are left out have registered nothing. */
function ofLeftOut({ leftOut = [] }: Plan): Steps {
  return Object.fromEntries(leftOut.flatMap(({ steps }) => steps.map((id) => [id, {}] as const)));
}

/** What repeated phases have registered, as those see it that are not repeated with them: lists, an entry each time. */
function ofRepetitions(around: Around): Steps {
  const here = around.plan.phases[around.phase]?.each;
  const repetitions = (around.plan.repetitions ?? []).entries();
  const found = [...repetitions].flatMap(([of, loops]) => {
    if (of === here?.of || loops.length === 0) return [];
    const times = timesOf(of, around);
    const named = (id: string): Named[] => times.flatMap(({ [id]: one }) => (one === undefined ? [] : [one]));
    return loops.map(({ id, registers }) => [id, listsOf(registers, named(id))] as const);
  });
  return Object.fromEntries(found);
}

/** What each repetition has registered by now, in the order of its list. */
function timesOf(of: number, around: Around): readonly Steps[] {
  const times: Steps[] = [];
  for (const phase of reached(around))
    if (phase.each?.of === of) Object.assign((times[phase.each.index] ??= {}), stepsOf(phase, around));
  return times;
}

/**
 * What each host registered in earlier phases, in the order of the phase's hosts, without those that did not. Of
 * phases that are repeated a record each time; what is repeated itself sees those of its own time.
 */
function ofEveryHost({ plan, phase, bindings, elsewhere }: Around): Record<string, Named[]> {
  const every: Record<string, Named[]> = {};
  const here = plan.phases[phase]?.each;
  for (const [index, one] of plan.phases.slice(0, Math.max(phase, 0)).entries()) {
    if (one.each !== undefined && one.each.of === here?.of && one.each.index !== here.index) continue;
    for (const host of one.waves.flat()) {
      const registered = (id: string): Named => bindings[id]?.[host] ?? {};
      const outputs = elsewhere.get(host) ?? new Map<string, Named>();
      elsewhere.set(host, outputs);
      const steps = stepsOf(one, { plan, host: {}, phase: index, bindings, registered, outputs, elsewhere });
      for (const id of idsOf(one)) {
        const named = withoutKey(id, one);
        every[named] ??= [];
        if (hasRegistered(bindings, id, host)) every[named].push({ ...steps[named], host });
      }
    }
  }
  for (const { id } of (plan.repetitions ?? []).flat()) every[id] ??= [];
  for (const id of Object.keys(ofLeftOut(plan))) every[id] ??= [];
  return every;
}

/** Whether a step, an entry of a repeated one, or a step of a called fragment has registered something on a host. */
function hasRegistered(bindings: Bindings, id: string, host: string): boolean {
  return Object.entries(bindings).some(
    ([one, hosts]) => (one === id || one.startsWith(`${id}.`)) && Object.hasOwn(hosts, host),
  );
}

/** The ids of the steps, loops and calls that the author has written in a phase. */
function idsOf(phase: PlannedPhase): string[] {
  const { steps, loops = [], calls = [] } = phase;
  const own = steps.filter(({ scope, each }) => scope === undefined && each === undefined);
  const called = calls.filter(({ each }) => each === undefined);
  return [...own, ...loops, ...called].map(({ id }) => id).filter((id) => !withoutKey(id, phase).includes('.'));
}

/** Of a repeated step, each name as the list of its values, in the order of the entries that have one. */
function gathered(around: Around, loop: string, names: readonly string[]): Named {
  const phases = reached(around);
  return listsOf(names, [
    ...phases.flatMap(({ steps }) =>
      steps.filter(({ each }) => each?.of === loop).map(({ id }) => around.registered(id)),
    ),
    ...phases.flatMap((phase) =>
      callsSeen(phase, around)
        .filter(({ each }) => each?.of === loop)
        .map((call) => outputs(around, call)),
    ),
  ]);
}

/** Each name as the list of its values, without those that have none. */
function listsOf(names: readonly string[], values: readonly Named[]): Named {
  const listOf = (name: string): Value =>
    values.flatMap((one) => (Object.hasOwn(one, name) ? [one[name] as Value] : []));
  return Object.fromEntries(names.map((name) => [name, listOf(name)]));
}

/** What a fragment gives back, as far as its steps have come. */
function outputs(around: Around, call: PlannedCall): Named {
  if (Object.keys(call.outputs).length === 0) return {};
  const kept = around.outputs.get(call.id);
  if (kept !== undefined) return kept;
  const scope = scopeWithin(around, call.scope);
  const found = Object.entries(call.outputs).flatMap(([name, expression]) => {
    const outcome = tryEvaluate(expression, scope);
    return 'value' in outcome ? [[name, outcome.value] as const] : [];
  });
  const named = Object.fromEntries(found);
  around.outputs.set(call.id, named);
  return named;
}

/** An id as its author wrote it, in a phase that is perhaps repeated. */
export function withoutKey(id: string, { each }: Pick<PlannedPhase, 'each'>): string {
  return each !== undefined && id.endsWith(`.${each.key}`) ? id.slice(0, -each.key.length - 1) : id;
}
