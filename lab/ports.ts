import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

/** States of `/proc/net`: a listening TCP socket, an unconnected UDP one. */
const listening = { tcp: '0A', udp: '07' } as const;

/** Ports on which the network of a process is listened to, as `tcp 0.0.0.0:22`, sorted. */
export async function listeningPorts(pid: number): Promise<string[]> {
  const tables = (['tcp', 'tcp6', 'udp', 'udp6'] as const).map(async (table) => {
    const protocol = table.startsWith('tcp') ? 'tcp' : 'udp';
    return parseSockets(await readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => ''), protocol);
  });
  return [...new Set((await Promise.all(tables)).flat())].sort();
}

/** Reads a table of `/proc/net`: addresses are hexadecimal words in the machine's (little-endian) order. */
export function parseSockets(table: string, protocol: 'tcp' | 'udp'): string[] {
  const rows = table.split('\n').slice(1).filter(Boolean);
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter((fields) => fields[3] === listening[protocol])
    .map((fields) => {
      const [address = '', port = ''] = (fields[1] ?? '').split(':');
      return `${protocol} ${readAddress(address)}:${parseInt(port, 16)}`;
    });
}

function readAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = Buffer.concat(words.map((word) => Buffer.from(word, 'hex').reverse()));
  const address = bytes.length === 4 ? bytes.join('.') : shorten(bytes.toString('hex').match(/.{4}/g) ?? []);
  return isIPv4(address) ? address : `[${address}]`;
}

/** Let the URL parser write an IPv6 address the short way. */
function shorten(groups: readonly string[]): string {
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
