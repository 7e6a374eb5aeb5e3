import type { Finding } from '../finding.js';
import type { Host, Inventory } from '../inventory/inventory.js';
import type { PlannedHost } from '../plan.js';
import type { SecretVersion } from './secrets.js';

/** Hosts by name as a plan pins them. */
export type PlannedHosts = Record<string, PlannedHost>;

/**
 * Pins address, host keys and login key of every host of the plan.
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
  const findings = acting.flatMap((name) => troubles(name, inventory, secretVersion));
  return { hosts, findings: [...findings, ...sharedMachines(acting, inventory, hosts)] };
}

function planned(name: string, inventory: Inventory, secretVersion: SecretVersion): [string, PlannedHost][] {
  const host = inventory.hosts.get(name);
  if (host === undefined) return [];
  const { address, port, user, host_keys: hostKeys, values } = host;
  return [
    [name, { address, port, user, hostKeys, key: loginKey(host, secretVersion), machine: machineOf(host), values }],
  ];
}

/** Version 0 stands for a key that is not stored: of a host that is named and never reached. */
function loginKey({ key }: Host, secretVersion: SecretVersion): PlannedHost['key'] {
  return 'agent' in key ? key : { secret: key.secret, version: secretVersion(key.secret) ?? 0 };
}

export function machineOf({ machine, address, port }: Host): string {
  return machine ?? `${address.toLowerCase()}:${port}`;
}

function troubles(name: string, { hosts, document }: Inventory, secretVersion: SecretVersion): Finding[] {
  const host = hosts.get(name);
  if (host === undefined) return [];
  const unknown =
    host.host_keys.length === 0
      ? [
          document.atKey(
            ['hosts', name],
            `no host key is pinned for "${name}", so it cannot be told from another`,
            `belay host enrol ${name}`,
          ),
        ]
      : [];
  if ('agent' in host.key || secretVersion(host.key.secret) !== undefined) return unknown;
  return [
    ...unknown,
    document.at(
      ['hosts', name, 'key', 'secret'],
      `no secret "${host.key.secret}" is stored`,
      `belay secret set ${host.key.secret}`,
    ),
  ];
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
