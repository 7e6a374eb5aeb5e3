import type { HostCheckArgument, HostLogin, HostScanArgument } from '../../../model/host-requests.js';
import type { Host, Inventory } from '../../../model/inventory/inventory.js';
import { jumpsOf } from '../../../model/inventory/jumps.js';
import { hostNamed } from './read-hosts.js';

/** What the API must know to ask a host of an inventory something. */
export function checkArgument(inventory: Inventory, name: string): HostCheckArgument {
  const host = hostNamed(inventory, name);
  return { ...loginOf(name, host), ...way(inventory, name), ...(host.sudo && { sudo: true }) };
}

/** What the API must know to see which keys a host shows. */
export function scanArgument(inventory: Inventory, name: string): HostScanArgument {
  const { address, port, weak_algorithms: weak } = hostNamed(inventory, name);
  return { host: name, address, port, ...way(inventory, name), ...(weak.length > 0 && { weakAlgorithms: weak }) };
}

function way(inventory: Inventory, name: string): { jump?: HostLogin[] } {
  const hops = jumpsOf(name, (host) => inventory.hosts.get(host)?.jump);
  return hops.length === 0 ? {} : { jump: hops.map((hop) => loginOf(hop, hostNamed(inventory, hop))) };
}

function loginOf(name: string, host: Host): HostLogin {
  const { address, port, user, key, host_keys: hostKeys, weak_algorithms: weak } = host;
  return { host: name, address, port, user, key, hostKeys, ...(weak.length > 0 && { weakAlgorithms: weak }) };
}
