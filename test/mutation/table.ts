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

/** The table for people and for the record. @param all - how many guards there are */
export function tableOf(tried: readonly Tried[], all: number, made: string): string {
  const killed = tried.filter(isKilled).length;
  return [
    '# Guards, each shown to be needed',
    '',
    `${made} \`belay mutation\` takes each guard out of the code and runs the test that`,
    `must see it. ${String(killed)} of ${String(tried.length)} were seen (${String(all)} guards are known).`,
    '',
    '| guard | promise | broken how | test | red? | it said |',
    '|---|---|---|---|---|---|',
    ...tried.map(row),
    '',
  ].join('\n');
}

function row(one: Tried): string {
  const { guard, mutant, promise = '', file, test, title, case: only } = one.guard;
  const by = `${title}${only === undefined ? '' : ` (${only})`}, ${test}`;
  const cells = [guard, promise, `${mutant} (${file})`, by, redOf(one), one.broken.said];
  return `| ${cells.map((cell) => cell.replaceAll('|', '/').replaceAll(/\s+/g, ' ')).join(' | ')} |`;
}

function redOf(one: Tried): string {
  if (isKilled(one)) return 'red';
  if (one.whole.how !== 'green') return `NOT PROVEN: ${one.whole.how} without it being broken: ${one.whole.said}`;
  return one.broken.how === 'green' ? 'NO: IT STAYS GREEN' : 'NO: THE TEST DID NOT RUN';
}
