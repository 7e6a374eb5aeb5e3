import type { PlannedAccess, PlannedHost } from '../plan.js';
import { indent } from './layout.js';

/** How a host is reached, by whom and through what, and how it is told from others. */
export function showHost(name: string, host: PlannedHost): string[] {
  const values = Object.entries(host.values).map(([value, held]) => `${value} = ${JSON.stringify(held)}`);
  const machine = host.machine === `${host.address.toLowerCase()}:${host.port}` ? [] : [`machine ${host.machine}`];
  return [
    `${name}: ${login(host)}${host.sudo ? ', as root by sudo' : ''}`,
    ...indent([...machine, ...known(host), ...(host.jump ?? []).flatMap(showHop), ...values], 4),
  ];
}

function showHop({ host, ...access }: NonNullable<PlannedHost['jump']>[number]): string[] {
  return [`through ${host}: ${login(access)}`, ...indent(known(access), 4)];
}

function login({ user, address, port, key }: PlannedAccess): string {
  return `${user} at ${address}, port ${port}, with ${'agent' in key ? 'the SSH agent' : stored(key)}`;
}

function stored(key: Exclude<PlannedAccess['key'], { readonly agent: true }>): string {
  const opened = key.passphrase
    ? `, opened by the secret ${key.passphrase.secret}, version ${key.passphrase.version}`
    : '';
  return `the secret ${key.secret}, version ${key.version}${opened}`;
}

function known({ hostKeys, weakAlgorithms = [] }: PlannedAccess): string[] {
  const weak = weakAlgorithms.length > 0 ? [`weak algorithms are accepted: ${weakAlgorithms.join(', ')}`] : [];
  return [...weak, ...hostKeys.map((key) => `host key ${key}`)];
}
