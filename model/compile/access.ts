import type { Finding } from '../finding.js';
import type { Host, Inventory } from '../inventory/inventory.js';
import { jumpsOf } from '../inventory/jumps.js';
import type { PlannedAccess, PlannedHop, PlannedKey } from '../plan.js';
import type { SecretVersion } from './secrets.js';

/** The hosts on the way to one, nearest to the worker first. */
export function hopsOf(name: string, { hosts }: Inventory): string[] {
  return jumpsOf(name, (host) => hosts.get(host)?.jump);
}

/** Pins what a login needs: address, host keys, and the versions of the secrets that open it. */
export function planAccess(host: Host, secretVersion: SecretVersion): PlannedAccess {
  const { address, port, user, host_keys: hostKeys, weak_algorithms: weakAlgorithms } = host;
  const key = 'agent' in host.key ? host.key : plannedKey(host.key, secretVersion);
  return { address, port, user, hostKeys, key, ...(weakAlgorithms.length > 0 && { weakAlgorithms }) };
}

export function planHops(name: string, inventory: Inventory, secretVersion: SecretVersion): PlannedHop[] {
  return hopsOf(name, inventory).flatMap((host) => {
    const hop = inventory.hosts.get(host);
    return hop === undefined ? [] : [{ host, ...planAccess(hop, secretVersion) }];
  });
}

/** Version 0 stands for a key that is not stored: of a host that is named and never reached. */
function plannedKey(
  { secret, passphrase }: Exclude<Host['key'], { agent: true }>,
  secretVersion: SecretVersion,
): PlannedKey {
  const pinned = (name: string): { secret: string; version: number } => ({
    secret: name,
    version: secretVersion(name) ?? 0,
  });
  return { ...pinned(secret), ...(passphrase !== undefined && { passphrase: pinned(passphrase) }) };
}

/** Why a host cannot be logged in to: no key by which it is known, or a secret that is not stored. */
export function accessTroubles(name: string, { hosts, document }: Inventory, secretVersion: SecretVersion): Finding[] {
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
  if ('agent' in host.key) return unknown;
  const { secret, passphrase } = host.key;
  const needed = [
    ['secret', secret] as const,
    ...(passphrase === undefined ? [] : [['passphrase', passphrase] as const]),
  ];
  const missing = needed
    .filter(([, stored]) => secretVersion(stored) === undefined)
    .map(([part, stored]) =>
      document.at(['hosts', name, 'key', part], `no secret "${stored}" is stored`, `belay secret set ${stored}`),
    );
  return [...unknown, ...missing];
}
