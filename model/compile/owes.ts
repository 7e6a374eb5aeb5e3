import type { Path, SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { PlannedStep } from '../plan.js';
import type { StepSite } from '../runbook/outline.js';
import type { CompiledStep } from './compile-step.js';

/** A step with the place where it was written. */
export interface PlacedStep extends CompiledStep {
  readonly site: StepSite;
  readonly document: SourceDocument;
  /** Its id as it was written, without keys of what is repeated; behind those of the calls that led to it. */
  readonly written: string;
  /** The earlier steps that take it back, as long as it is not known which steps of the plan they are. */
  readonly by?: readonly NamedTaker[];
}

/** A step that is to take another one back, by its id as it is written, and where that is said. */
export interface NamedTaker {
  readonly id: string;
  readonly path: Path;
  readonly document: SourceDocument;
}

/**
 * Lets each step owe a restart to the services that a later step restarts after it. Both must share a host: a
 * restart that is owed where the service's step never runs would stay owed for ever.
 *
 * @returns the steps of each phase
 */
export function withOwed(
  phases: readonly { readonly steps: readonly PlacedStep[] }[],
  findings: Finding[],
): (readonly PlannedStep[])[] {
  const steps = phases.flatMap((phase) => phase.steps);
  const owes = new Map<string, Set<string>>();
  for (const { step, owed, site, document } of steps) {
    for (const id of owed?.after ?? []) {
      const changed = steps.filter((other) => isOf(other.step.id, id));
      if (owed === undefined || changed.length === 0) continue;
      if (!changed.some((other) => shareHost(other.step, step))) {
        findings.push(
          document.at(
            site.path,
            `"${step.id}" restarts after "${id}", and they have no host in common`,
            'name steps of the same hosts',
          ),
        );
      }
      for (const other of changed) owes.set(other.step.id, (owes.get(other.step.id) ?? new Set()).add(owed.service));
    }
  }
  return phases.map((phase) =>
    phase.steps.map(({ step }) => ({ ...step, owes: [...(owes.get(step.id) ?? [])].sort() })),
  );
}

/** True for the step that is named, and for all that it was repeated or unfolded into. */
export function isOf(id: string, named: string): boolean {
  return id === named || id.startsWith(`${named}.`);
}

function shareHost(a: PlannedStep, b: PlannedStep): boolean {
  const hosts = Object.keys(a.tasks);
  // A step that was ruled out everywhere changes nothing, so it owes nothing.
  return hosts.length === 0 || Object.keys(b.tasks).length === 0 || hosts.some((host) => Object.hasOwn(b.tasks, host));
}
