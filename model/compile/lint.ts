import type { Finding } from '../finding.js';

/**
 * Every mistake that can be seen in a runbook without its inputs; with an inventory, host patterns and groups too.
 *
 * @param files - documents and the files beside them, by path
 */
export function lintRunbook(_files: ReadonlyMap<string, Uint8Array>, _runbook: string, _inventory?: string): Finding[] {
  throw new Error('the compiler is being written');
}
