import type { Path, SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import { onlyReads, type PlannedPhase, type PlannedStep } from '../plan.js';

/**
 * Whether a runbook that says `only_looks` does. On hosts it may read and nothing else; elsewhere a marker that goes again
 * by itself is a look, and so is what cannot be undone and says why.
 */
export function checkLooks(
  phases: readonly PlannedPhase[],
  paths: readonly Path[],
  document: SourceDocument,
): Finding[] {
  return phases.flatMap(({ steps }, phase) =>
    steps
      .filter((step) => !looks(step))
      .map((step) =>
        document.atKey(
          paths[phase] ?? [],
          `${step.id} changes something, and the runbook says that it only looks`,
          'take "only_looks" out, or the step; what runs beside other runs may change nothing that one of them works on',
        ),
      ),
  );
}

function looks(step: PlannedStep): boolean {
  if (onlyReads(step)) return true;
  return step.operations.every(
    (operation) =>
      (operation.on === 'ldap' && operation.change?.how === 'marker') ||
      (step.undo.how === 'none' && operation.on !== 'host'),
  );
}
