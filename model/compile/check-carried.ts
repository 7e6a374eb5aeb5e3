import type { Path, SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { Plan, PlannedPhase } from '../plan.js';

/** Files are carried only from hosts that the plan is about: those that the run has to itself. */
export function checkCarried(
  phases: readonly PlannedPhase[],
  paths: readonly Path[],
  hosts: Plan['hosts'],
  document: SourceDocument,
): Finding[] {
  return phases.flatMap(({ steps }, phase) =>
    steps.flatMap((step) => {
      const unknown = step.operations.flatMap((one) =>
        one.on === 'host' && one.carried && !Object.hasOwn(hosts, one.carried.host) ? [one.carried.host] : [],
      );
      if (unknown.length === 0) return [];
      const problem = `${step.id} takes a file from ${unknown.join(', ')}, and no phase is about that host`;
      return [document.atKey(paths[phase] ?? [], problem, 'name a host of the inventory that a phase acts on')];
    }),
  );
}
