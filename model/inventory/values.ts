import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { Value } from '../value.js';
import type { ResolvedGroups } from './groups.js';
import type { InventoryDocument } from './schema.js';

type Values = Record<string, Value>;

/**
 * The values of each host: its own over those of its groups, those of an inner group over those of an outer one.
 * Two groups that do not contain each other must not disagree.
 */
export function resolveValues(
  inventory: InventoryDocument,
  groups: ResolvedGroups,
  document: SourceDocument,
): { readonly of: ReadonlyMap<string, Values>; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const of = new Map(
    Object.entries(inventory.hosts).map(([host, { values }]) => {
      const inherited = inherit(host, values, inventory, groups, (group, name, other) =>
        findings.push(
          document.atKey(
            ['groups', group, 'values', name],
            `"${host}" gets "${name}" from here and from the group "${other}"`,
            'give the host a value of its own',
          ),
        ),
      );
      return [host, { ...inherited, ...values }] as const;
    }),
  );
  return { of, findings };
}

function inherit(
  host: string,
  own: Values,
  inventory: InventoryDocument,
  groups: ResolvedGroups,
  disagree: (group: string, name: string, other: string) => void,
): Values {
  const from = new Map<string, string>();
  for (const group of groupsOf(host, groups)) {
    for (const [name, value] of Object.entries(valuesOf(inventory, group))) {
      const other = from.get(name);
      if (other !== undefined && isAbove(group, other, groups)) continue;
      const differs =
        other !== undefined && !isAbove(other, group, groups) && !same(value, valuesOf(inventory, other)[name]);
      if (differs && other !== undefined && !Object.hasOwn(own, name)) disagree(group, name, other);
      from.set(name, group);
    }
  }
  return Object.fromEntries([...from].map(([name, group]) => [name, valuesOf(inventory, group)[name] ?? null]));
}

function groupsOf(host: string, groups: ResolvedGroups): string[] {
  return [...groups.hosts].filter(([, hosts]) => hosts.includes(host)).map(([name]) => name);
}

/** True where `outer` contains `inner`. */
function isAbove(outer: string, inner: string, groups: ResolvedGroups): boolean {
  return groups.above.get(inner)?.has(outer) ?? false;
}

function valuesOf(inventory: InventoryDocument, group: string): Values {
  const written = inventory.groups[group];
  return written === undefined || Array.isArray(written) ? {} : written.values;
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
