import type { Inventory } from '../../../model/inventory/inventory.js';
import { hostNamed } from './read-hosts.js';

/**
 * The hosts that some names of hosts and groups stand for, each once; all of them where there is no name, or `all`.
 *
 * @throws Stop (usage) for a name that stands for nothing
 */
export function hostsMatching(inventory: Inventory, names: readonly string[]): string[] {
  if (names.length === 0 || names.includes('all')) return [...inventory.hosts.keys()];
  const found = names.flatMap((name) => {
    const group = inventory.groups.get(name);
    if (group !== undefined) return group;
    hostNamed(inventory, name);
    return [name];
  });
  return [...new Set(found)];
}
