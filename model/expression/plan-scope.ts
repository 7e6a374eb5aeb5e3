import type { Plan } from '../plan.js';
import type { Value } from '../value.js';
import type { Scope } from './scope.js';

type PlanValues = Pick<Plan, 'inputs' | 'groups'> & {
  readonly hosts: Readonly<Record<string, Pick<Plan['hosts'][string], 'address' | 'values'>>>;
};

/**
 * What expressions can name from the plan alone: parameters, the host's name, address and values, and groups. In a
 * run the worker adds the host's facts to `host`, and `steps` and `secret`.
 *
 * @param host - absent where something is read once for all hosts
 */
export function planScope(plan: PlanValues, host?: string): Scope {
  return planScopes(plan)(host);
}

/** {@link planScope} for many hosts: what they have in common is made once. */
export function planScopes(plan: PlanValues): (host?: string) => Scope {
  const hosts = new Map(Object.keys(plan.hosts).map((name) => [name, hostValues(plan, name)] as const));
  const named = (name: string): Readonly<Record<string, Value>> => hosts.get(name) ?? hostValues(plan, name);
  const groups = Object.fromEntries(Object.entries(plan.groups).map(([group, names]) => [group, names.map(named)]));
  return (host) => ({ param: plan.inputs, groups, ...(host !== undefined && { host: named(host) }) });
}

function hostValues(plan: PlanValues, name: string): Record<string, Value> {
  const host = plan.hosts[name];
  return { ...host?.values, name, address: host?.address ?? '' };
}

/**
 * From which host's registered values `steps.<id>` is read on `host`, by step id: its own where the step is one of
 * its own, otherwise those of the one host that ran the step in an earlier phase. Steps of several other hosts
 * have no answer, and steps of the same phase on other hosts none either: they may not have run.
 *
 * @param phase - index of the phase whose step is asking
 */
export function stepSources(
  plan: { readonly phases: readonly Pick<Plan['phases'][number], 'steps'>[] },
  phase: number,
  host: string,
): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const [index, { steps }] of plan.phases.slice(0, phase + 1).entries()) {
    for (const { id, tasks } of steps) {
      const only = index < phase ? onlyHost(tasks) : undefined;
      if (Object.hasOwn(tasks, host)) sources.set(id, host);
      else if (only !== undefined) sources.set(id, only);
    }
  }
  return sources;
}

function onlyHost(tasks: Readonly<Record<string, number>>): string | undefined {
  let found: string | undefined;
  for (const host in tasks) {
    if (found !== undefined) return undefined;
    found = host;
  }
  return found;
}
