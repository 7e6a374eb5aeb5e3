import type { Finding } from '../finding.js';
import type { LeftOutPhase, PlannedApproval, PlannedPhase, PlannedStep } from '../plan.js';
import type { StepSite } from '../runbook/outline.js';
import type { Phase } from '../runbook/runbook.js';
import type { StepSurroundings } from './compile-step.js';
import { expandStep, joined, keyed, seeing, type Expanded } from './expand-step.js';
import { checkSources } from './check-sources.js';
import { withOwed } from './owes.js';
import { withTakers } from './undone-by.js';
import type { UnrolledPhase } from './unroll-phases.js';
import { wavesOf } from './waves.js';

/** Compiles every phase for its hosts. */
export function compilePhases(
  unrolled: readonly UnrolledPhase[],
  around: StepSurroundings & { readonly leftOut: readonly LeftOutPhase[] },
  findings: Finding[],
): PlannedPhase[] {
  const unfolded = unrolled.map((one) => expandSteps(one, around, findings));
  const found = withTakers(
    unfolded.map(({ steps }, index) => ({ steps, each: unrolled[index]?.each })),
    findings,
  );
  const expanded = unfolded.map((one, index) => ({ ...one, steps: found[index] ?? [] }));
  findings.push(...tooLong(expanded));
  const owing = withOwed(expanded, findings);
  const phases = unrolled.map((one, index) => planned(one, owing[index] ?? [], expanded[index]));
  findings.push(...checkSources(phases, written(unrolled), around, around.leftOut));
  return phases;
}

/** For each phase of the plan, which of the written ones it is. */
function written(unrolled: readonly UnrolledPhase[]): number[] {
  return unrolled.map((one) => one.written);
}

function expandSteps(
  { phase, written: index, hosts, each }: UnrolledPhase,
  around: StepSurroundings,
  findings: Finding[],
): Expanded {
  const sites = around.sites.filter((site) => site.phase === index && site.undoes === undefined);
  const seen = each === undefined ? around : seeing(around, each);
  const expanded = joined(
    phase.steps.flatMap((data, position) => {
      const site = sites[position];
      if (site === undefined) return [];
      return [expandStep(site, each === undefined ? data : keyed(data, each.key), hosts, seen, findings)];
    }),
  );
  return each === undefined ? expanded : owingWithin(expanded, each.key, around.sites, sites[0]?.repetition?.index);
}

/** What is repeated together names its own: a service restarts after the steps of the same entry. */
function owingWithin(
  expanded: Expanded,
  key: string,
  all: readonly StepSite[],
  repetition: number | undefined,
): Expanded {
  const own = all.flatMap((site) => (site.repetition?.index === repetition ? (site.id ?? []) : []));
  const after = (ids: readonly string[]): string[] => ids.map((id) => (own.includes(id) ? `${id}.${key}` : id));
  const steps = expanded.steps.map((one) =>
    one.owed === undefined || one.step.scope !== undefined
      ? one
      : { ...one, owed: { ...one.owed, after: after(one.owed.after) } },
  );
  return { ...expanded, steps };
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
  { phase, hosts, each }: UnrolledPhase,
  steps: readonly PlannedStep[],
  { loops, calls }: Pick<Expanded, 'loops' | 'calls'> = { loops: [], calls: [] },
): PlannedPhase {
  return {
    name: each === undefined ? phase.phase : `${phase.phase} (${each.key})`,
    ...(each && { each }),
    hosts: phase.hosts,
    waves: wavesOf(hosts, phase.serial),
    maxFailures: phase.max_failures,
    onFailure: phase.on_failure,
    ...(phase.approval && { approval: plannedApproval(phase.approval) }),
    steps,
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
