import { readDocument } from '../document/read.js';
import { sortFindings, type Finding } from '../finding.js';
import { readInventory } from '../inventory/inventory.js';
import { kinds } from '../steps/kinds.js';
import type { StepContext, StepKind } from '../steps/kind.js';
import { filesBeside } from './beside.js';
import { checkRunbook } from './check-runbook.js';

/**
 * Every mistake that can be seen in a runbook without its inputs; with an inventory, host patterns and groups too.
 *
 * @param files - documents and the files beside them, by path
 */
export function lintRunbook(files: ReadonlyMap<string, Uint8Array>, runbook: string, inventory?: string): Finding[] {
  return lintWith(kinds, files, runbook, inventory);
}

/** {@link lintRunbook} with other kinds of steps. */
export function lintWith(
  known: readonly StepKind[],
  files: ReadonlyMap<string, Uint8Array>,
  runbook: string,
  inventory?: string,
): Finding[] {
  const hosts = inventory === undefined ? undefined : readInventory(inventory, files.get(inventory));
  const { document, findings } = readDocument(runbook, files.get(runbook));
  const checked =
    document === undefined ? [] : checkRunbook(document, known, lintContext(files, runbook), hosts?.inventory).findings;
  return sortFindings([...findings, ...checked, ...(hosts?.findings ?? [])]);
}

/** Before there are hosts, steps are compiled for one that cannot exist. */
function lintContext(files: ReadonlyMap<string, Uint8Array>, runbook: string): StepContext {
  return {
    file: filesBeside(files, runbook).read,
    host: { name: 'host', address: 'host.invalid' },
    sha256: () => '0'.repeat(64),
  };
}
