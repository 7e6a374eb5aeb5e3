import type { Chance } from '../chance.js';
import { cancels } from './cancel-faults.js';
import { directory } from './directory-faults.js';
import { shared, stale } from './holder-faults.js';
import { hosts } from './host-faults.js';
import { absences, killsAtBoundaries, killsAtRandom, killsInUndo } from './process-faults.js';
import { production } from './production-faults.js';
import type { Fault } from './scene.js';
import { upgrade, workerVersions } from './version-faults.js';
import { wires } from './wire-faults.js';

/** Everything that is forced, and how much of each is in a sample. */
const groups: readonly (readonly [faults: readonly Fault[], sampled: number])[] = [
  [killsAtBoundaries, 3],
  [killsAtRandom, 2],
  [killsInUndo, 1],
  [[...absences, ...stale], 1],
  [wires, 2],
  [hosts, 2],
  [directory, 1],
  [cancels, 1],
  [[...workerVersions, upgrade], 1],
  // It takes two minutes.
  [shared, 0],
  // It takes a server that is built for minutes where there is none yet, and five minutes without it.
  [production, 0],
];

export const allFaults: readonly Fault[] = groups.flatMap(([faults]) => faults);

/** One of several equal parts of all that is to be forced, 1 the first. */
export interface Shard {
  readonly part: number;
  readonly of: number;
}

/**
 * Some of each group by chance, in an order by chance, so that one process is not killed again and again in a row. The
 * upgrade comes last, for it leaves another version behind.
 */
export function chooseFaults(
  chance: Chance,
  all: boolean,
  only?: RegExp,
  { part, of }: Shard = { part: 1, of: 1 },
): Fault[] {
  const chosen = groups.flatMap(([faults, sampled]) => (all ? faults : chance.shuffled(faults).slice(0, sampled)));
  const wanted = only ? allFaults.filter(({ name, group }) => only.test(`${group}: ${name}`)) : chosen;
  const mine = chance.shuffled(wanted.filter((_, index) => index % of === part - 1));
  return [...mine.filter((fault) => fault !== upgrade), ...mine.filter((fault) => fault === upgrade)];
}
