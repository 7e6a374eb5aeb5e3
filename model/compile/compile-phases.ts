import type { Finding } from '../finding.js';
import type { Inventory } from '../inventory/inventory.js';
import { selectHosts } from '../inventory/pattern.js';
import type { PlannedApproval, PlannedPhase, PlannedStep } from '../plan.js';
import type { StepSite } from '../runbook/outline.js';
import type { Phase, Runbook } from '../runbook/runbook.js';
import type { StepSurroundings } from './compile-step.js';
import { expandStep, joined, type Expanded } from './expand-step.js';
import { checkSources } from './check-sources.js';
import { withOwed } from './owes.js';
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
  const expanded = runbook.phases.map((phase, index) =>
    expandSteps(phase, index, hostsOf[index] ?? [], around, findings),
  );
  findings.push(...tooLong(expanded));
  const steps = withOwed(
    expanded.flatMap((phase) => phase.steps),
    findings,
  );
  const phases = runbook.phases.map((phase, index) =>
    planned(phase, index, hostsOf[index] ?? [], steps, expanded[index]),
  );
  findings.push(...checkSources(phases, around.sites, around.document));
  return phases;
}

function expandSteps(
  phase: Phase,
  index: number,
  hosts: readonly string[],
  around: StepSurroundings,
  findings: Finding[],
): Expanded {
  const sites = around.sites.filter((site) => site.phase === index && site.undoes === undefined);
  return joined(
    phase.steps.flatMap((data, position) => {
      const site = sites[position];
      return site === undefined ? [] : [expandStep(site, data, hosts, around, findings)];
    }),
  );
}

/** UTF-16 units that an id may have with all that stands before and after it: journals on hosts are named by it. */
const longestId = 80;

function tooLong(expanded: readonly Expanded[]): Finding[] {
  return expanded.flatMap(({ steps }) =>
    steps.flatMap(({ step, site, document }) =>
      step.id.length <= longestId
        ? []
        : [
            document.at(
              [...site.path, 'id'],
              `"${step.id}" has more than ${longestId} characters`,
              'choose shorter ids',
            ),
          ],
    ),
  );
}

function planned(
  phase: Phase,
  index: number,
  hosts: readonly string[],
  steps: readonly { readonly site: StepSite; readonly step: PlannedStep }[],
  { loops, calls }: Pick<Expanded, 'loops' | 'calls'> = { loops: [], calls: [] },
): PlannedPhase {
  return {
    name: phase.phase,
    hosts: phase.hosts,
    waves: wavesOf(hosts, phase.serial),
    maxFailures: phase.max_failures,
    onFailure: phase.on_failure,
    ...(phase.approval && { approval: plannedApproval(phase.approval) }),
    steps: steps.filter(({ site }) => site.phase === index).map(({ step }) => step),
    ...(loops.length > 0 && { loops }),
    ...(calls.length > 0 && { calls }),
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
