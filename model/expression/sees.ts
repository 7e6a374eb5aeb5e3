import type { Sees } from '../value.js';
import type { Reference } from './references.js';

/** What a host tells of itself when it is reached; never known before the run. */
export const factNames = ['os', 'os_version', 'init', 'architecture'] as const;

/** What an inventory knows of every host. */
export const hostNames = ['name', 'address'] as const;

/** Parameters of a fragment whose values only the run knows. */
export type LateNames = ReadonlySet<string>;

const none: LateNames = new Set();

/** When all that is named can be known: a plan's own values, those of the run, or the secrets that only the worker opens. */
export function seesOf(references: readonly Reference[], late: LateNames = none): Sees {
  if (references.some(({ root }) => root === 'secret')) return 'secret';
  return references.some((one) => isOfRun(one) || isLate(one, late)) ? 'run' : 'plan';
}

/** True for a parameter whose value only the run knows. */
export function isLate({ root, path }: Reference, late: LateNames): boolean {
  return root === 'param' && late.has(path[0] ?? '');
}

/** True for what only the run can know: registered values, and what a host tells of itself. */
export function isOfRun({ root, path }: Reference): boolean {
  return (
    root === 'steps' ||
    root === 'every' ||
    (root === 'host' && (factNames as readonly string[]).includes(path[0] ?? ''))
  );
}
