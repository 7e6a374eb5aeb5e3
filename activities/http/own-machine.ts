import { BlockList, isIPv6 } from 'node:net';

/** The worker's own machine, and what answers only on the same link: clouds tell credentials there. */
const own = new BlockList();
own.addSubnet('127.0.0.0', 8, 'ipv4');
own.addSubnet('0.0.0.0', 8, 'ipv4');
own.addSubnet('169.254.0.0', 16, 'ipv4');
own.addAddress('::', 'ipv6');
own.addAddress('::1', 'ipv6');
own.addSubnet('fe80::', 10, 'ipv6');

/** Whether an address is one that no request of a runbook is meant for. IPv4 within IPv6 counts as what it is. */
export function isOwnMachine(address: string): boolean {
  const plain = address.replace(/%.*$/, '');
  return own.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}
