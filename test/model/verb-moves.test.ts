import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { verbMoves, verbStates, whyNot } from '../../model/verb-moves.js';

/** A line a case: `verb: state: obeyed`, or why not. Every verb meets every state. */
const cases = readFileSync('test/cases/model/verb-moves.txt', 'utf8').trim().split('\n');

it('obeys or refuses every verb in every state, with the reason', () => {
  const verbs = Object.keys(verbMoves) as (keyof typeof verbMoves)[];
  const present = verbs.flatMap((verb) =>
    verbStates.map((state) => `${verb}: ${state}: ${whyNot(verb, state) ?? 'obeyed'}`),
  );
  expect(present).toEqual(cases);
});
