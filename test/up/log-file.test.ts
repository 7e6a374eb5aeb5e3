import { appendFileSync, closeSync, mkdirSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { capLog, openLog, whatWentWrong } from '../../apps/cli/up/log-file.js';
import { temporaryFolder } from './folder.js';

describe('a log', () => {
  it('is kept below its limit while a child writes to it, with one older part beside it', () => {
    const file = join(temporaryFolder(), 'log', 'worker.log');
    const log = openLog(file);
    writeSync(log, 'a'.repeat(100));
    capLog(file, 50);
    writeSync(log, 'after');
    closeSync(log);
    expect(readFileSync(file, 'utf8')).toBe('after');
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('a'.repeat(100));
  });

  it('is cut even where there is no room for its older part', () => {
    const file = join(temporaryFolder(), 'worker.log');
    writeFileSync(file, 'a'.repeat(100));
    mkdirSync(`${file}.1`);
    expect(() => capLog(file, 50)).toThrow();
    expect(statSync(file).size).toBe(0);
  });

  it('can be read by its owner alone', () => {
    const file = join(temporaryFolder(), 'api.log');
    closeSync(openLog(file));
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    [
      'the last line that speaks of an error',
      'Error: first\n  at x\nTypeError: second\n  at y\n\nNode.js v24\n',
      'TypeError: second',
    ],
    ['the last line where none does', 'starting\nbye\n\n', 'bye'],
    ['that there is nothing', '', 'it said nothing'],
  ])('tells %s', (_, text, told) => {
    const file = join(temporaryFolder(), 'x.log');
    writeFileSync(file, '');
    appendFileSync(file, text);
    expect(whatWentWrong(file)).toBe(told);
  });
});
