import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { shells } from './request.js';

const [journalText, reader, watchdog] = ['journal', 'reader', 'runner/watchdog'].map((name) =>
  readFileSync(join(import.meta.dirname, '..', '..', 'activities', 'ssh', `${name}.sh`), 'utf8'),
);

/** A host that cuts a stream in the moment between its size and what has been cut from it; only once. */
const cutting = (out: string): string => `stat() {
  command stat "$@"
  [ ! -s '${out}.cut' ] || return 0
  printf 'abcde' >'${out}'
  echo 7 >'${out}.cut'
}`;

describe.each(shells)('the output of a script under %s', (_, shell) => {
  let journal: string;
  let out: string;
  beforeEach(() => {
    journal = mkdtempSync(join(tmpdir(), 'belay-cut-'));
    for (const folder of ['names', 't/1']) mkdirSync(join(journal, folder), { recursive: true });
    writeFileSync(join(journal, 'names', 'a.b'), '1\n');
    writeFileSync(join(journal, 't/1/do.1.claim'), '4 1 boot - 5 60 0\n');
    writeFileSync(join(journal, 't/1/do.1.4.run'), '10 -10\n11 -11\nexit 0 1.00 2.00\n');
    out = join(journal, 't/1/do.1.4.out');
    writeFileSync(out, 'abcdefghijkl');
    writeFileSync(join(journal, 't/1/do.1.4.err'), '');
  });
  afterEach(() => rmSync(journal, { recursive: true }));

  /** The lines of an answer: the greeting, what is known (the numbers at its end: dropped and sent of either stream), what is sent. */
  function follow(more: string): string[] {
    const [first = '', ...others] = shell;
    const text = [journalText, more, reader].join('\n');
    const input = 'follow a.b do 1 0 0 100\n';
    return execFileSync(first, [...others, '-c', text, 'sh', journal], { encoding: 'utf8', input }).split('\n');
  }

  test('beyond its limit is counted before it is cut', () => {
    expect(follow('')).toEqual(['belay reading', 'exited 0 1.00 2.00 boot 7 0 5 0', 'abcde']);
  });

  test('that is cut while it is looked at does not count twice', () => {
    expect(follow(cutting(out))).toEqual(['belay reading', 'exited 0 1.00 2.00 boot 7 0 5 0', 'abcde']);
  });

  test.each([
    ['that is about to be cut', 'abcdefghijkl', '107'],
    ['that has just been cut', 'abcde', '107'],
    ['that has just been cut, and grew again', 'abcdefgh', '110'],
  ])('%s is counted once', (_when, found, dropped) => {
    writeFileSync(out, found);
    writeFileSync(`${out}.cut`, '100 12\n');
    expect(follow('')).toEqual(['belay reading', `exited 0 1.00 2.00 boot ${dropped} 0 5 0`, 'abcde']);
  });

  /** The watchdog cuts what is beyond five bytes. @returns what the host printed, and the note of what has been cut */
  function cap(more: string): string[] {
    const [first = '', ...others] = shell;
    const text = [watchdog, more, `cap '${out.slice(0, -4)}' 5`].join('\n');
    const printed = execFileSync(first, [...others, '-c', text], { encoding: 'utf8' });
    return [printed.trim(), readFileSync(`${out}.cut`, 'utf8').trim()];
  }

  test('is noted with its size before it is cut', () => {
    expect(cap('dd() { cat "$file.cut"; }')).toEqual(['0 12', '7']);
  });

  test.each([
    ['before it had cut', 'abcdefghijkl', '107'],
    ['when it had just cut', 'abcdefgh', '110'],
  ])('is counted once by a watchdog after one that was killed %s', (_when, found, counted) => {
    writeFileSync(out, found);
    writeFileSync(`${out}.cut`, '100 12\n');
    expect(cap('')).toEqual(['', counted]);
    expect(readFileSync(out, 'utf8')).toBe('abcde');
  });
});
