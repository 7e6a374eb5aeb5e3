import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { labDown, labUp, type Lab } from '../lab/lab.js';
import type { Destination } from '../activities/ssh/session.js';
import { startBelay, type Belay } from '../test/end-to-end/belay.js';
import { freshDisk } from './disk.js';

/** Real hosts and a whole Belay on one machine: what is measured, and what it is measured on. */
export interface Place {
  readonly lab: Lab;
  readonly belay: Belay;
  /** How anybody else would reach the same hosts. */
  readonly destinations: readonly Destination[];
  leave(): Promise<void>;
}

const name = 'bench';

/**
 * Makes a lab of `count` hosts, with sshd as Debian configures it, and starts Belay.
 *
 * @param preinstalled - Debian packages that other tools need on the hosts; Belay needs none
 */
export async function openPlace(count: number, preinstalled: string[] = []): Promise<Place> {
  const names = Array.from({ length: count }, (_, index) => `h${String(index + 1).padStart(2, '0')}`);
  const hosts = Object.fromEntries(names.map((host) => [host, { preinstalled }]));
  await labDown(name);
  const disk = await freshDisk(8 * 1024 ** 3);
  const remove = async (): Promise<void> => {
    await labDown(name);
    await disk.remove();
  };
  const orElse = async (error: unknown): Promise<never> => {
    await remove();
    throw error;
  };
  const description = { hosts, groups: { all_hosts: names } };
  const lab = await labUp({ name, description, folder: join(disk.folder, 'lab') }).catch(orElse);
  const belay = await startBelay(lab).catch(orElse);
  const privateKey = readFileSync(lab.keyFile);
  return {
    lab,
    belay,
    destinations: lab.hosts.map(({ name: host, address, port, hostKeys }) => ({
      host,
      address,
      port,
      user: 'root',
      hostKeys,
      key: { privateKey },
    })),
    leave: async () => {
      await belay.stop();
      await remove();
    },
  };
}
