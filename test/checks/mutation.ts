import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeGuards, readGuards } from '../mutation/guards.js';
import { rowsOf, unproven } from '../mutation/table.js';
import { top, type Check } from './check.js';
import { textOf } from './guarantees.js';

/**
 * Every guard that `belay mutation` breaks is still in its file, and so is the test that must see it; and the table of proofs
 * has a row in which that test was red.
 */
export const mutation: Check = {
  name: 'guards',
  run: async () => {
    const guards = readGuards(top);
    const read = (...path: string[]): string => readFileSync(join(top, 'docs', ...path), 'utf8');
    const bare = unproven(guards, rowsOf(read('proofs', 'guards.md')));
    const faults = [
      ...judgeGuards(guards, read('guarantees.md'), textOf),
      ...bare.map(
        ({ guard }) => `${guard}: was never seen red (belay mutation --unproven --write docs/proofs/guards.md)`,
      ),
    ];
    return { faults, notes: [`${String(guards.length)} guards, each with the test that sees it broken`] };
  },
};
