import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { Runbook } from '../runbook/runbook.js';

/** Whether each declared group has as many hosts as the runbook needs. */
export function checkGroups(
  declared: Runbook['groups'],
  groups: Readonly<Record<string, readonly string[]>>,
  document: SourceDocument,
): Finding[] {
  return Object.entries(declared).flatMap(([name, { min, max, help }]) => {
    const count = groups[name]?.length ?? 0;
    const needs = count < min ? `at least ${min}` : max !== undefined && count > max ? `at most ${max}` : undefined;
    if (needs === undefined) return [];
    return [
      document.atKey(
        ['groups', name],
        `the group "${name}" has ${hosts(count)}, and ${needs} must be there`,
        help ?? 'change the inventory',
      ),
    ];
  });
}

/** The groups that need some hosts, and how many. */
export function minimumsOf(declared: Runbook['groups']): Record<string, number> {
  return Object.fromEntries(Object.entries(declared).flatMap(([name, { min }]) => (min > 0 ? [[name, min]] : [])));
}

function hosts(count: number): string {
  return count === 1 ? '1 host' : `${count} hosts`;
}
