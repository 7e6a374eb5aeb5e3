import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeGuards, readGuards } from '../mutation/guards.js';
import { top, type Check } from './check.js';
import { textOf } from './guarantees.js';

/** Every guard that `belay mutation` breaks is still in its file, and so is the test that must see it. */
export const mutation: Check = {
  name: 'guards',
  run: async () => {
    const guards = readGuards(top);
    const faults = judgeGuards(guards, readFileSync(join(top, 'docs', 'guarantees.md'), 'utf8'), textOf);
    return { faults, notes: [`${String(guards.length)} guards, each with the test that sees it broken`] };
  },
};
