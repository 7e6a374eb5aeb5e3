import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { conformanceCases, conforms, seen } from './conformance.js';

interface Difference {
  readonly reason: string;
  readonly sees?: string;
  readonly cases: readonly string[];
}

const cases = conformanceCases();
const differences = parse(readFileSync('test/cases/expressions/not-conforming.yaml', 'utf8')) as Difference[];
const listed = new Set(differences.flatMap((difference) => difference.cases));

describe('Expressions and the specification of CEL', () => {
  it('have many cases in common', () => {
    expect(cases.length).toBeGreaterThan(500);
    expect(new Set(cases.map(({ place }) => place)).size).toBe(cases.length);
  });

  it('agree in every case that is not listed', () => {
    const wrong = cases.filter((one) => !listed.has(one.place) && !conforms(one));
    expect(wrong.map((one) => ({ ...one, seen: seen(one) }))).toEqual([]);
  });

  for (const { reason, sees, cases: places } of differences)
    it(`differ: ${reason}`, () => {
      for (const place of places) {
        const one = cases.find((found) => found.place === place);
        if (one === undefined) throw new Error(`there is no case ${place}`);
        expect(conforms(one), `${place} conforms by now: take it out of the list`).toBe(false);
        const outcome = seen(one);
        if (sees === undefined) expect(outcome, place).toHaveProperty('value');
        else expect('why' in outcome ? outcome.why : 'a value', place).toContain(sees);
      }
    });
});
