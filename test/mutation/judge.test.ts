import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { judgeGuards, type Guard } from './guards.js';
import { isKilled, merged, rowOf, rowsOf, tableOf, unproven } from './table.js';
import { patternOf, verdictOf, type Verdict } from './verdict.js';
import { copyCheckout } from './work-tree.js';

const guard: Guard = {
  guard: 'Keeps its word',
  promise: 'G1',
  mutant: 'breaks it',
  file: 'a.ts',
  text: 'keep()',
  becomes: '',
  test: 'test/a.test.ts',
  title: 'keeps its word',
};
const page = '**G1. So.**\n';
const files: Readonly<Record<string, string>> = { 'a.ts': 'keep();', 'test/a.test.ts': `it('keeps its word');` };
const judge = (guards: readonly Guard[], text = page): string[] => judgeGuards(guards, text, (path) => files[path]);

it('is content with a guard that is there, whose test is there', () => {
  expect(judge([guard])).toEqual([]);
});

it.each([
  ['a text that is gone', { text: 'kept()' }, 'its text is in a.ts 0 times, not once'],
  ['a text that is there twice', { text: 'e' }, 'its text is in a.ts 2 times, not once'],
  ['a file that is gone', { file: 'b.ts' }, 'its text is in b.ts 0 times, not once'],
  ['a change that is none', { becomes: 'keep()' }, 'its mutant changes nothing'],
  ['a test that is gone', { title: 'kept' }, 'test/a.test.ts has no "kept"'],
  ['a promise that is none', { promise: 'G2' }, 'there is no G2'],
] as const)('finds %s', (_what, change, fault) => {
  expect(judge([guard, { ...guard, ...change, guard: 'Another' }])).toEqual([`Another: ${fault}`]);
});

it('finds a promise that no guard holds, and a name that is there twice', () => {
  expect(judge([guard, guard], `${page}**G2. So.**\n`)).toEqual([
    'G2 has no guard that is shown to be needed',
    'Keeps its word: is there twice',
  ]);
});

const report = (...statuses: string[]): string =>
  JSON.stringify({
    testResults: [
      {
        message: 'SyntaxError',
        assertionResults: statuses.map((status) => ({ fullName: 'x', status, failureMessages: ['expected 1'] })),
      },
    ],
  });

it.each([
  ['red where a test failed', report('skipped', 'passed', 'failed'), { how: 'red', said: 'expected 1' }],
  ['green where it passed', report('skipped', 'passed'), { how: 'green', said: '' }],
  ['neither where the file could not be read', report(), { how: 'not run', said: 'SyntaxError' }],
  ['neither where no test has the title', report('skipped'), { how: 'not run', said: 'SyntaxError' }],
  ['neither where there is no report', '', { how: 'not run', said: 'Vitest left no report' }],
])('a verdict is %s', (_what, text, verdict) => {
  expect(verdictOf(text)).toEqual(verdict);
});

it('finds the cases of a title, or one of them', () => {
  const title = 'set %s (of $it): ${name} + more';
  expect(new RegExp(patternOf(title)).test('set a (of b): c + more')).toBe(true);
  expect(new RegExp(patternOf(title)).test('set a of b: c')).toBe(false);
  expect(new RegExp(patternOf(title, 'x.')).test('set x. (of b): c + more')).toBe(true);
  expect(new RegExp(patternOf(title, 'x.')).test('set xy (of b): c + more')).toBe(false);
});

it('a guard is proven only where its test is green with it and red without it', () => {
  const verdict = (how: Verdict['how']): Verdict => ({ how, said: '' });
  const tried = (whole: Verdict['how'], broken: Verdict['how']) => ({
    guard,
    whole: verdict(whole),
    broken: verdict(broken),
  });
  expect(isKilled(tried('green', 'red'))).toBe(true);
  expect(isKilled(tried('red', 'red'))).toBe(false);
  expect(isKilled(tried('green', 'green'))).toBe(false);
  expect(isKilled(tried('green', 'not run'))).toBe(false);
  expect(rowOf(tried('green', 'green'), 'r1').cells).toContain('NO: IT STAYS GREEN');
});

it('a table that is written again keeps what it said of guards that were not tried, and forgets guards that are gone', () => {
  const guards = ['One', 'Two', 'Three'].map((name) => ({ ...guard, guard: name }));
  const red = { whole: { how: 'green', said: '' }, broken: { how: 'red', said: 'a | b' } } as const;
  const rows = (revision: string, ...names: string[]) =>
    names.map((name) => rowOf({ guard: { ...guard, guard: name }, ...red }, revision));
  const table = tableOf(merged(guards, rows('r1', 'Gone', 'Two', 'One'), rows('r2', 'Two')), guards.length);
  const read = rowsOf(table);
  expect(read.map(({ guard: name, cells }) => [name, cells.at(-1)])).toEqual([
    ['One', 'r1'],
    ['Two', 'r2'],
  ]);
  expect(table).toContain('2 of 2 were seen (3 guards are known)');
  expect(unproven(guards, read).map(({ guard: name }) => name)).toEqual(['Three']);
});

it('breaks a copy, never the checkout, and mends it whatever happens', async () => {
  const top = mkdtempSync(join(tmpdir(), 'belay-checkout-'));
  try {
    execFileSync('git', ['init', '-q'], { cwd: top });
    writeFileSync(join(top, 'a.ts'), 'keep();\n');
    symlinkSync('/nowhere', join(top, 'node_modules'));
    const tree = copyCheckout(top);
    const copy = join(tree.folder, 'a.ts');
    const crash = tree.whileBroken(guard, async () => {
      expect(readFileSync(copy, 'utf8')).toBe(';\n');
      throw new Error('crash');
    });
    await expect(crash).rejects.toThrow('crash');
    expect([copy, join(top, 'a.ts')].map((file) => readFileSync(file, 'utf8'))).toEqual(['keep();\n', 'keep();\n']);
    tree.remove();
    expect(existsSync(tree.folder)).toBe(false);
  } finally {
    rmSync(top, { recursive: true });
  }
});
