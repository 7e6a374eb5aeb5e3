import { disturbs, type Budget } from '../budget.js';
import type { Path, SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { Inventory } from '../inventory/inventory.js';
import type { PlannedPhase } from '../plan.js';
import { machineOf } from './hosts.js';

/** The budgets of groups on whose hosts the plan acts; undefined where none has one. */
export function plannedBudgets(
  inventory: Inventory,
  phases: readonly PlannedPhase[],
): Readonly<Record<string, Budget>> | undefined {
  const acting = new Set(phases.flatMap(({ waves }) => waves.flat()));
  const budgets = [...inventory.budgets].flatMap(([group, down]) => {
    const members = (inventory.groups.get(group) ?? []).flatMap((name) => {
      const host = inventory.hosts.get(name);
      return host === undefined ? [] : [[name, machineOf(host)] as const];
    });
    return members.some(([name]) => acting.has(name)) ? [[group, { down, machines: Object.fromEntries(members) }]] : [];
  });
  return budgets.length === 0 ? undefined : (Object.fromEntries(budgets) as Record<string, Budget>);
}

/** Waves that can never begin, because they alone would take down more of a group than its budget has, each phase at its path. */
export function checkBudgets(
  budgets: Readonly<Record<string, Budget>>,
  phases: readonly PlannedPhase[],
  paths: readonly Path[],
  document: SourceDocument,
): Finding[] {
  return phases.flatMap(({ waves, steps }, phase) =>
    Object.entries(budgets).flatMap(([group, { down, machines }]) => {
      const counts = waves.map((wave) => {
        const disturbed = wave.filter((host) => host in machines && steps.some((step) => disturbs(step, host)));
        return new Set(disturbed.map((host) => machines[host])).size;
      });
      const most = Math.max(0, ...counts);
      if (most <= down) return [];
      return [
        document.atKey(
          [...(paths[phase] ?? []), 'phase'],
          `a wave of this phase takes ${most} hosts of "${group}" down at a time, and its budget is ${down}`,
          `write "serial: ${down}" in the phase, or raise the budget in the inventory`,
        ),
      ];
    }),
  );
}
