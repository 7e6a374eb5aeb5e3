import type { Finding } from '../finding.js';
import type { Host, Inventory } from '../inventory/inventory.js';
import type { PlannedHost } from '../plan.js';
import { accessTroubles, hopsOf, planAccess, planHops } from './access.js';
import type { SecretVersion } from './secrets.js';

/** Hosts by name as a plan pins them. */
export type PlannedHosts = Record<string, PlannedHost>;

/**
 * Pins address, host keys, login key and way of every host of the plan.
 *
 * @param acting - hosts that are reached; the others are only named by expressions and need no keys
 * @param named - hosts of the groups that the runbook declares
 */
export function planHosts(
  inventory: Inventory,
  acting: readonly string[],
  named: readonly string[],
  secretVersion: SecretVersion,
): { readonly hosts: PlannedHosts; readonly findings: readonly Finding[] } {
  const names = [...new Set([...acting, ...named])].filter((name) => inventory.hosts.has(name)).sort();
  const hosts = Object.fromEntries(names.flatMap((name) => planned(name, inventory, secretVersion)));
  const reached = new Set(acting.flatMap((name) => [name, ...hopsOf(name, inventory)]));
  const findings = [...reached].flatMap((name) => accessTroubles(name, inventory, secretVersion));
  return { hosts, findings: [...findings, ...sharedMachines(acting, inventory, hosts)] };
}

function planned(name: string, inventory: Inventory, secretVersion: SecretVersion): [string, PlannedHost][] {
  const host = inventory.hosts.get(name);
  if (host === undefined) return [];
  const jump = planHops(name, inventory, secretVersion);
  const pinned: PlannedHost = {
    ...planAccess(host, secretVersion),
    ...(host.sudo && { sudo: true }),
    ...(jump.length > 0 && { jump }),
    machine: machineOf(host),
    values: host.values,
  };
  return [[name, pinned]];
}

export function machineOf({ machine, address, port }: Host): string {
  return machine ?? `${address.toLowerCase()}:${port}`;
}

/** Two names for one machine would let two tasks act on it at a time; whoever means that declares the machine. */
function sharedMachines(acting: readonly string[], { hosts, document }: Inventory, planned: PlannedHosts): Finding[] {
  return acting.flatMap((name, index) => {
    const first = acting.slice(0, index).find((other) => planned[other]?.machine === planned[name]?.machine);
    if (first === undefined || (hosts.get(name)?.machine !== undefined && hosts.get(first)?.machine !== undefined))
      return [];
    return [
      document.atKey(
        ['hosts', name],
        `"${name}" and "${first}" lead to one machine, ${planned[name]?.machine ?? ''}`,
        'use one of the names, or give both the same "machine"',
      ),
    ];
  });
}
