import type { Guard } from './guards.js';
import type { Verdict } from './verdict.js';

/** A guard, broken, and what its test said before and then. */
export interface Tried {
  readonly guard: Guard;
  /** With the guard whole: the test must be green, or its red proves nothing. */
  readonly whole: Verdict;
  readonly broken: Verdict;
}

/** Whether the test sees that the guard is gone, and nothing else. */
export function isKilled({ whole, broken }: Tried): boolean {
  return whole.how === 'green' && broken.how === 'red';
}

/** A guard's line of the table: its cells as they stand there. */
export interface Row {
  readonly guard: string;
  readonly cells: readonly string[];
}

const columns = ['guard', 'promise', 'broken how', 'test', 'red?', 'it said', 'revision'];

/** @param revision - of the code that was broken */
export function rowOf({ guard: one, ...tried }: Tried, revision: string): Row {
  const { guard, mutant, promise = '', file, test, title, case: only } = one;
  const by = `${title}${only === undefined ? '' : ` (${only})`}, ${test}`;
  const said = redOf({ guard: one, ...tried });
  const cells = [guard, promise, `${mutant} (${file})`, by, said, tried.broken.said, revision];
  return { guard, cells: cells.map((cell) => cell.replaceAll('|', '/').replaceAll(/\s+/g, ' ').trim()) };
}

/** The rows of a table that was written before. */
export function rowsOf(table: string): Row[] {
  return table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '))
    .filter(([guard]) => guard !== columns[0])
    .map((cells) => ({ guard: cells[0] ?? '', cells }));
}

/**
 * What a table is from now on: the new rows, and of those before the ones of guards that still are and were not tried now.
 * In the order of the guards.
 */
export function merged(guards: readonly Guard[], before: readonly Row[], now: readonly Row[]): Row[] {
  return guards.flatMap(({ guard }) => {
    const row = now.find((one) => one.guard === guard) ?? before.find((one) => one.guard === guard);
    return row ? [row] : [];
  });
}

/** The guards that no row shows to be needed. */
export function unproven(guards: readonly Guard[], rows: readonly Row[]): Guard[] {
  const proven = new Set(
    rows.filter(({ cells }) => cells[columns.indexOf('red?')] === 'red').map(({ guard }) => guard),
  );
  return guards.filter(({ guard }) => !proven.has(guard));
}

/** The table for people and for the record. @param all - how many guards there are */
export function tableOf(rows: readonly Row[], all: number): string {
  const red = rows.filter(({ cells }) => cells[columns.indexOf('red?')] === 'red').length;
  return [
    '# Guards, each shown to be needed',
    '',
    '`belay mutation` takes each guard out of the code and runs the test that must see it; a row names the revision',
    `at which it was last tried. ${String(red)} of ${String(rows.length)} were seen (${String(all)} guards are known).`,
    '',
    `| ${columns.join(' | ')} |`,
    `|${'---|'.repeat(columns.length)}`,
    ...rows.map(({ cells }) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');
}

function redOf(one: Tried): string {
  if (isKilled(one)) return 'red';
  if (one.whole.how !== 'green') return `NOT PROVEN: ${one.whole.how} without it being broken: ${one.whole.said}`;
  return one.broken.how === 'green' ? 'NO: IT STAYS GREEN' : 'NO: THE TEST DID NOT RUN';
}
