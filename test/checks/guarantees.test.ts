import { expect, it } from 'vitest';
import { guarantees, judgeGuarantees } from './guarantees.js';

const file = (path: string): string | undefined =>
  path === 'test/a.test.ts' ? `it('keeps its word', () => {});` : undefined;
const faultsOf = (page: string): string[] => judgeGuarantees(page, file).faults;

it('finds every promise of the page held by tests that are there', async () => {
  expect((await guarantees.run()).faults).toEqual([]);
});

it.each([
  [
    'a title that no test has',
    '**G1. So.** [keeps her word](../test/a.test.ts)',
    'G1: test/a.test.ts has no "keeps her word"',
  ],
  ['a part of a title', '**G1. So.** [keeps its](../test/a.test.ts)', 'G1: test/a.test.ts has no "keeps its"'],
  ['a file that is not there', '**G1. So.** [keeps its word](../test/b.test.ts)', 'G1: there is no test/b.test.ts'],
  ['a promise without a test', '**G1. So.** Trust us.', 'G1 names no test'],
  ['a number left out', '**G2. So.** [keeps its word](../test/a.test.ts)', 'G2. So.** …: G1 is due'],
  ['no promise at all', 'Nothing.', 'there are no promises: has the form of the page changed?'],
])('finds %s', (_what, page, fault) => {
  expect(faultsOf(`# Page\n\n${page}\n`)).toEqual([fault]);
});

it('is content with a promise whose test is there', () => {
  expect(faultsOf('# Page\n\n**G1. So.** [keeps its word](../test/a.test.ts)\n')).toEqual([]);
});
