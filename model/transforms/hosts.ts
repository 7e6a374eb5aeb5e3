import { outsideOf, setBlock } from './block.js';

/** What a marked block of /etc/hosts shall say. */
export interface HostsRules {
  readonly block: string;
  readonly entries: readonly { readonly address: string; readonly names: readonly string[] }[];
}

/**
 * Writes the entries as a block of /etc/hosts.
 * @throws Error where an address or a name is none, or a line outside the block gives a name another address: the
 * resolver takes the first
 */
export function setHosts(content: Uint8Array, { block, entries }: HostsRules): Uint8Array {
  for (const { address, names } of entries) {
    if (!isAddress(address)) throw new Error('an address of the block is no IPv4 or IPv6 address');
    for (const name of names) if (!isHostName(name)) throw new Error('a name of the block is no host name');
  }
  for (const { text, number } of outsideOf(content, block)) {
    const [address = '', ...names] = (text.split('#')[0] ?? '').trim().split(/\s+/);
    const clash = entries.find(
      (entry) => entry.address !== address && family(entry.address) === family(address) && shares(entry.names, names),
    );
    if (clash)
      throw new Error(`line ${number} of the file gives a name of the block another address; correct it first`);
  }
  const lines = entries.map(({ address, names }) => `${address}\t${names.join(' ')}`);
  return setBlock(content, { name: block, lines });
}

export function isAddress(text: string): boolean {
  if (/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text)) return true;
  return (
    /^(?=.*:)[0-9A-Fa-f:.]{2,45}$/.test(text) &&
    (text.match(/::/g) ?? []).length <= 1 &&
    text.split(':').length <= 8 + 1
  );
}

export function isHostName(text: string): boolean {
  const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
  return text.length <= 253 && text.split('.').every((part) => label.test(part));
}

const family = (address: string): string => (address.includes(':') ? '6' : '4');

function shares(some: readonly string[], others: readonly string[]): boolean {
  const known = new Set(others.map((name) => name.toLowerCase()));
  return some.some((name) => known.has(name.toLowerCase()));
}

/** Whether a text is an address, or a network in CIDR notation. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  if (!isAddress(address) || more.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (address.includes(':') ? 128 : 32));
}
