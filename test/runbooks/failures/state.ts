import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../../lab/lab.js';
import { differences } from '../gluu-world.js';
import { otherThanLiving } from '../living.js';
import { compareDirectories, readDirectories, type Directories } from './directory.js';

/** How a cluster is at one moment: the layers of its hosts, and what its directories hold. */
export interface Kept {
  readonly mark: string;
  readonly directories: Directories;
}

/** @param manager - the password of the directories' manager */
export async function keep(lab: Lab, manager: string, mark: string): Promise<Kept> {
  await lab.mark(mark);
  return { mark, directories: await readDirectories(lab, manager, nodesOf(lab)) };
}

/** What is otherwise than it was, one line each; waits for what is still starting or ending. */
export async function otherwise(
  lab: Lab,
  manager: string,
  { mark, directories }: Kept,
  seconds = 60,
): Promise<string[]> {
  for (const deadline = Date.now() + seconds * 1000; ;) {
    const found = [
      ...otherThanLiving(await differences(lab, mark)),
      ...compareDirectories(directories, await readDirectories(lab, manager, nodesOf(lab))),
    ];
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(3000);
  }
}

const nodesOf = (lab: Lab): string[] => lab.hosts.map(({ name }) => name).filter((name) => name.startsWith('node'));
