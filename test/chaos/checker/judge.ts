import { directoryCrimes } from './directory.js';
import { doubled } from './doubled.js';
import type { Facts, Violation } from './facts.js';
import { lost } from './lost.js';
import { outOfOrder } from './out-of-order.js';
import { phantom } from './phantom.js';

/** Everything that is not as `docs/guarantees.md` promises. */
export function judge(facts: Facts): Violation[] {
  return [...lost(facts), ...phantom(facts), ...doubled(facts), ...outOfOrder(facts), ...directoryCrimes(facts)];
}
