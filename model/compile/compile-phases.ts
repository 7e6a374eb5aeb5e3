import type { Finding } from '../finding.js';
import type { Inventory } from '../inventory/inventory.js';
import { selectHosts } from '../inventory/pattern.js';
import type { PlannedApproval, PlannedPhase, PlannedStep } from '../plan.js';
import type { StepSite } from '../runbook/outline.js';
import type { Phase, Runbook } from '../runbook/runbook.js';
import type { StepSurroundings } from './compile-step.js';
import { expandStep } from './expand-step.js';
import { checkSources } from './check-sources.js';
import { withOwed, type PlacedStep } from './owes.js';
import { wavesOf } from './waves.js';

/** Compiles every phase for its hosts. */
export function compilePhases(
  runbook: Runbook,
  inventory: Inventory,
  around: StepSurroundings,
  findings: Finding[],
): PlannedPhase[] {
  const choice = { hosts: [...inventory.hosts.keys()], groups: inventory.groups };
  const hostsOf = runbook.phases.map(({ hosts }) => {
    const selected = selectHosts(hosts, choice);
    return 'hosts' in selected ? selected.hosts : [];
  });
  const placed = runbook.phases.flatMap((phase, index) =>
    compileSteps(phase, index, hostsOf[index] ?? [], around, findings),
  );
  const steps = withOwed(placed, findings);
  const phases = runbook.phases.map((phase, index) => planned(phase, index, hostsOf[index] ?? [], steps));
  findings.push(...checkSources(phases, around.sites, around.document));
  return phases;
}

function compileSteps(
  phase: Phase,
  index: number,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): PlacedStep[] {
  const sites = around.sites.filter((site) => site.phase === index && site.undoes === undefined);
  return phase.steps.flatMap((data, position) => {
    const site = sites[position];
    return site === undefined ? [] : expandStep(site, data, hosts, around, findings);
  });
}

function planned(
  phase: Phase,
  index: number,
  hosts: readonly string[],
  steps: readonly { readonly site: StepSite; readonly step: PlannedStep }[],
): PlannedPhase {
  const own = steps.filter(({ site }) => site.phase === index).map(({ step }) => step);
  const loops = phase.steps.flatMap(({ id, each, register }) =>
    each === undefined ? [] : [{ id, registers: Object.keys(register) }],
  );
  return {
    name: phase.phase,
    hosts: phase.hosts,
    waves: wavesOf(hosts, phase.serial),
    maxFailures: phase.max_failures,
    onFailure: phase.on_failure,
    ...(phase.approval && { approval: plannedApproval(phase.approval) }),
    steps: own,
    ...(loops.length > 0 && { loops }),
  };
}

function plannedApproval({
  ask,
  groups,
  votes,
  timeout,
  on_timeout: onTimeout,
}: NonNullable<Phase['approval']>): PlannedApproval {
  return { ask, groups, votes, ...(timeout !== undefined && { timeout }), onTimeout };
}
