import type { Chance } from '../chance.js';
import { directory } from './directory-faults.js';
import { stale } from './holder-faults.js';
import { hosts, people } from './host-faults.js';
import { absences, killsAtBoundaries, killsAtRandom, killsInUndo } from './process-faults.js';
import type { Fault } from './scene.js';
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
  [people, 1],
];

export const allFaults: readonly Fault[] = groups.flatMap(([faults]) => faults);

/** Some of each group by chance, in an order by chance, so that one process is not killed again and again in a row. */
export function chooseFaults(chance: Chance, all: boolean, only?: RegExp): Fault[] {
  const chosen = groups.flatMap(([faults, sampled]) => (all ? faults : chance.shuffled(faults).slice(0, sampled)));
  return chance.shuffled(only ? allFaults.filter(({ name, group }) => only.test(`${group}: ${name}`)) : chosen);
}
