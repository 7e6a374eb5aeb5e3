import type { Finding } from '../finding.js';
import type { PlannedPhaseEntry } from '../plan.js';
import type { NamedTaker, PlacedStep } from './owes.js';

/** The steps of a phase, or of a fragment, and for which entry they are where the phase is repeated. */
interface PlacedSteps {
  readonly steps: readonly PlacedStep[];
  readonly each?: PlannedPhaseEntry | undefined;
}

/**
 * Finds for each step that goes back by an earlier one which steps of the plan that is: all that the one was repeated
 * into, on the hosts of both. What is repeated together names its own.
 *
 * @param phases - all phases of a runbook, or the one that a fragment lies in
 */
export function withTakers(phases: readonly PlacedSteps[], findings: Finding[]): (readonly PlacedStep[])[] {
  const before: { readonly one: PlacedStep; readonly each: PlannedPhaseEntry | undefined }[] = [];
  return phases.map(({ steps, each }) =>
    steps.map((one) => {
      const own = before.filter((other) => other.each?.of !== each?.of || other.each?.key === each?.key);
      const found =
        one.by === undefined
          ? one
          : undoneBy(
              one,
              one.by,
              own.map((other) => other.one),
              findings,
            );
      before.push({ one: found, each });
      return found;
    }),
  );
}

function undoneBy(
  { by: _, ...placed }: PlacedStep,
  named: readonly NamedTaker[],
  before: readonly PlacedStep[],
  findings: Finding[],
): PlacedStep {
  const hosts = Object.keys(placed.step.tasks);
  const takers = named.flatMap(({ id, path, document }) => {
    const found = before.filter((one) => one.written === id && hosts.some((host) => actsOn(one, host)));
    const without = hosts.find((host) => !found.some((one) => actsOn(one, host)));
    if (without !== undefined)
      findings.push(
        document.at(
          path,
          `on ${without}, "${id}" does nothing, so its undo takes nothing back there`,
          'name a step of the same hosts',
        ),
      );
    return found.map(({ step }) => step.id);
  });
  return { ...placed, step: { ...placed.step, undo: { how: 'by', by: [...new Set(takers)] } } };
}

function actsOn({ step }: PlacedStep, host: string): boolean {
  return Object.hasOwn(step.tasks, host);
}
