import { randomInt } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort, { clearLockedPorts } from 'get-port';
import { z } from 'zod';
import type { Say } from './say.js';

/** The ports Belay likes best; all on loopback. */
export const usualPorts = { postgres: 7253, temporal: 7233, web: 8233, api: 7243 } as const;
export type Ports = Record<keyof typeof usualPorts, number>;

const port = z.int().min(1).max(65535);
const kept = z.object({ postgres: port, temporal: port, web: port, api: port }).partial();

/** Takes the ports of last time where they are free, else the usual ones, else any; keeps them for next time. */
export async function takePorts(data: string, say: Say): Promise<Ports> {
  const file = join(data, 'ports.json');
  const before = readKept(file);
  const ports = { ...usualPorts } as Ports;
  // It gives no port twice for a while, which is right among these four, but not for a stack started anew.
  clearLockedPorts();
  for (const name of Object.keys(usualPorts) as (keyof Ports)[]) {
    const wanted = before[name] ?? usualPorts[name];
    ports[name] = await getPort({ port: [wanted, usualPorts[name], ...lowPorts()], host: '127.0.0.1' });
    if (ports[name] !== wanted) say(`port ${String(wanted)} is taken; ${name} gets ${String(ports[name])}`);
  }
  writeFileSync(file, `${JSON.stringify(ports)}\n`, { mode: 0o600 });
  return ports;
}

/**
 * Some ports by chance, for who cannot have a certain one: below those that the kernel gives to connections, and below
 * 32768, because Temporal's tables keep ports in 16 bits with a sign.
 */
export function lowPorts(): number[] {
  return Array.from({ length: 20 }, () => randomInt(17_000, 32_000));
}

/** A damaged file is as good as none: the ports are then found anew. */
function readKept(file: string): Partial<Ports> {
  if (!existsSync(file)) return {};
  try {
    const read = kept.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return read.success ? (read.data as Partial<Ports>) : {};
  } catch {
    return {};
  }
}
