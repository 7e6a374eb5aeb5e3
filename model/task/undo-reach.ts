import type { Plan } from '../plan.js';
import type { UndoScope } from '../record.js';

/**
 * Tells of tasks, by step and host, whether an undo reaches them. Back to a step means in time: later waves of its phase
 * go back whole, from their first step on. The database asks by the same rule (`inScope`).
 *
 * @param scope - what goes back; the whole run where absent
 */
export function reachOf(plan: Plan, scope?: UndoScope): (step: string, host: string) => boolean {
  if (scope === undefined) return () => true;
  if ('host' in scope) return (_, host) => host === scope.host;
  const places = new Map(
    plan.phases.flatMap(({ steps, waves }, phase) =>
      steps.map(({ id }, position) => [id, { phase, position, first: waves[0] ?? [] }] as const),
    ),
  );
  const to = places.get(scope.to);
  return (step, host) => {
    const place = places.get(step);
    if (!to || !place || place.phase < to.phase) return false;
    return place.phase > to.phase || place.position >= to.position || !place.first.includes(host);
  };
}
