import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { refusals } from './refusals.js';

const rows = readFileSync('docs/proofs/wrong-inputs.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
  .map((line) => line.slice(2, -2).split(' | '))
  .slice(1);

it('the page of wrong inputs shows each of them, as what refused it was last seen', () => {
  expect(rows.map(([wrong = '', by = '']) => [wrong, by])).toEqual(
    refusals.cases.map(({ it: wrong, refused }) => [wrong, refused.join(', ')]),
  );
});
