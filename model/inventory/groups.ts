import { didYouMean } from '../did-you-mean.js';
import type { SourceDocument } from '../document/document.js';
import type { Finding } from '../finding.js';
import type { InventoryDocument } from './schema.js';

/** Groups with their hosts, and which groups stand in which. */
export interface ResolvedGroups {
  readonly hosts: ReadonlyMap<string, readonly string[]>;
  /** For each group, the groups that it is in, directly or through others. */
  readonly above: ReadonlyMap<string, ReadonlySet<string>>;
  readonly findings: readonly Finding[];
}

/**
 * Puts the hosts of inner groups into outer ones. A name that a host and a group share means the host inside a
 * list, so that a group may be called like its only host.
 */
export function resolveGroups(inventory: InventoryDocument, document: SourceDocument): ResolvedGroups {
  const findings: Finding[] = [];
  const hosts = new Map<string, readonly string[]>();
  const above = new Map<string, Set<string>>(Object.keys(inventory.groups).map((name) => [name, new Set()]));
  const open = (name: string, path: readonly string[]): readonly string[] => {
    const done = hosts.get(name);
    if (done !== undefined) return done;
    const found = membersOf(inventory, name).flatMap((member, index) => {
      if (Object.hasOwn(inventory.hosts, member)) return [member];
      const trouble = memberTrouble(inventory, member, [...path, name]);
      if (trouble !== undefined) {
        findings.push(document.at(memberPath(inventory, name, index), ...trouble));
        return [];
      }
      for (const outer of [...path, name]) above.get(member)?.add(outer);
      return open(member, [...path, name]);
    });
    hosts.set(name, [...new Set(found)]);
    return hosts.get(name) ?? [];
  };
  for (const name of Object.keys(inventory.groups)) open(name, []);
  return { hosts, above: closed(above), findings };
}

/** The names written in a group. */
export function membersOf(inventory: InventoryDocument, name: string): readonly string[] {
  const group = inventory.groups[name];
  return group === undefined ? [] : Array.isArray(group) ? group : group.hosts;
}

function memberPath(inventory: InventoryDocument, name: string, index: number): (string | number)[] {
  return Array.isArray(inventory.groups[name]) ? ['groups', name, index] : ['groups', name, 'hosts', index];
}

function memberTrouble(
  inventory: InventoryDocument,
  member: string,
  path: readonly string[],
): [problem: string, advice: string] | undefined {
  if (path.includes(member))
    return [`the group "${member}" contains itself: ${[...path, member].join(' > ')}`, 'take one of them out'];
  if (Object.hasOwn(inventory.groups, member)) return undefined;
  return [
    `there is no host or group "${member}"`,
    didYouMean(member, [...Object.keys(inventory.hosts), ...Object.keys(inventory.groups)]),
  ];
}

/** A group that was resolved once knows only its way then; the groups above its outer groups are above it, too. */
function closed(above: ReadonlyMap<string, Set<string>>): ReadonlyMap<string, ReadonlySet<string>> {
  const all = (name: string, seen: Set<string>): Set<string> => {
    for (const outer of above.get(name) ?? []) {
      if (seen.has(outer)) continue;
      seen.add(outer);
      all(outer, seen);
    }
    return seen;
  };
  return new Map([...above.keys()].map((name) => [name, all(name, new Set())]));
}
