import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Lab } from '../../lab/lab.js';

interface Inventory {
  readonly hosts: Record<string, { readonly values: Record<string, unknown> }>;
  readonly groups: Record<string, unknown>;
}

/** The lab's inventory with something otherwise, in a file of its own. */
export function otherInventory(lab: Lab, name: string, change: (one: Inventory) => Inventory): string {
  const path = join(dirname(lab.inventoryFile), `${name}.yaml`);
  writeFileSync(path, stringify(change(parse(readFileSync(lab.inventoryFile, 'utf8')) as Inventory)));
  return path;
}

/** The inventory in which the balancer has another name, as whoever changes the public name writes it. */
export function renamedInventory(lab: Lab, fqdn: string): string {
  return otherInventory(lab, 'renamed', ({ hosts, groups }) => ({
    groups,
    hosts: { ...hosts, balancer: { ...hosts['balancer']!, values: { ...hosts['balancer']!.values, fqdn } } },
  }));
}

/** The inventory with other hosts in the group `cache`. */
export function cachedOn(lab: Lab, cache: readonly string[]): string {
  return otherInventory(lab, `cache-on-${cache.join('-')}`, (one) => ({ ...one, groups: { ...one.groups, cache } }));
}
