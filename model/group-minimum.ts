import type { Plan } from './plan.js';

/** Why hosts cannot be left out of a plan: a group would fall below the size that its runbook asks for. */
export function belowMinimum(plan: Plan, out: readonly string[]): string | undefined {
  for (const [group, minimum] of Object.entries(plan.minimums ?? {})) {
    const left = (plan.groups[group] ?? []).filter((host) => !out.includes(host)).length;
    if (left < minimum && (plan.groups[group] ?? []).some((host) => out.includes(host)))
      return `the group ${group} would have ${left === 1 ? '1 host' : `${left} hosts`} left, and the runbook needs at least ${minimum}`;
  }
  return undefined;
}
