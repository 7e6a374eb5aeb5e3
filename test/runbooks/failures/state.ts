import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../../lab/lab.js';
import { answeredFor } from '../carry-through.js';
import { differences } from '../gluu-world.js';
import { compareDirectories, readDirectories, type Directories } from './directory.js';

/**
 * What a cluster that serves writes by itself: pages and logs of its directory, logs of its services, counters of its JVMs,
 * what Redis saves now and then; and what OpenDJ writes about itself whenever it joins others, in another order each time.
 * Of its configuration the entries are compared instead.
 */
const living =
  /^\S+ file \S+ (\/opt\/gluu-server-[\d.]+)?(\/opt\/opendj\/(db|changelogDb|logs|locks|config\/(archived-configs|ads-truststore|(admin-backend|config|tasks)\.ldif(\.\w+)?))|\/var\/log|\/var\/lib\/redis\/dump.rdb|\/opt\/gluu\/jetty\/\w+\/logs|\/tmp\/hsperfdata_\w+)(\/|$| )/;

/** What a shell waits by. */
const waiting = /^\S+ process \S+ uid \d+: sleep [\d.]+$/;

/** A node that had been taken out of the balancer, and gets requests again: no undo takes one out that answers. */
export function inTurn(one: string): boolean {
  const [, before = '', after = ''] =
    /^\S+ file changed \/etc\/nginx\/nginx\.conf ([^]*? )(?=\+ )([^]*)$/.exec(one) ?? [];
  const lines = (text: string): string =>
    text
      .replaceAll(/(^| )[-+](?= )/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim();
  return before !== '' && lines(before).replaceAll(/ (down|drained)(?=;)/g, '') === lines(after);
}

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
      ...answeredFor(await differences(lab, mark)).filter(
        (one) => !living.test(one) && !waiting.test(one) && !inTurn(one),
      ),
      ...compareDirectories(directories, await readDirectories(lab, manager, nodesOf(lab))),
    ];
    if (found.length === 0 || Date.now() > deadline) return found;
    await sleep(3000);
  }
}

const nodesOf = (lab: Lab): string[] => lab.hosts.map(({ name }) => name).filter((name) => name.startsWith('node'));
