import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PlannedHint } from '../../../model/plan.js';
import { adviceFor, type Remains } from '../../../model/task/hints.js';

interface Case {
  readonly it: string;
  readonly hints: readonly PlannedHint[];
  readonly remains: Remains;
  readonly advice: readonly string[];
}

describe('A hint', () => {
  for (const one of parse(readFileSync('test/cases/task/hints.yaml', 'utf8')) as Case[])
    it(one.it, () => expect(adviceFor(one.hints, one.remains)).toEqual(one.advice));
});
