import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shells } from './request.js';

describe.each(shells)('what capture has saved, under %s,', (_, [shell = '', ...options]) => {
  /** The programs that bring it to the disk, by their names and arguments; none of them is started. */
  const programs = (files: readonly string[]): string[] => {
    const task = mkdtempSync(join(tmpdir(), 'belay-saved-'));
    const script = `. activities/ssh/runner/carrying.sh
      sync() { echo "sync $*"; }
      find() { echo "find $*"; }
      belay_d=$1
      sync_saved`;
    try {
      for (const file of ['pre/', ...files].map((name) => join(task, name)))
        if (file.endsWith('/')) mkdirSync(file);
        else {
          mkdirSync(dirname(file), { recursive: true });
          writeFileSync(file, '');
        }
      const said = execFileSync(shell, [...options, '-c', script, 'sh', task], { encoding: 'utf8' });
      return said.replaceAll(task, '').split('\n').filter(Boolean);
    } finally {
      rmSync(task, { recursive: true });
    }
  };

  it.each<[string, string[], string[]]>([
    ['files, with the name of each', ['pre/content', 'pre/two words'], ['sync /pre/content /pre/two words /pre']],
    ['also under a hidden name', ['pre/.profile', 'pre/..x'], ['sync /pre/.profile /pre/..x /pre']],
    ['in folders', ['pre/content', 'pre/within/a'], ['find /pre -exec sync {} +']],
    ['in hidden folders', ['pre/.within/a'], ['find /pre -exec sync {} +']],
    ['by no program where there is nothing', [], []],
  ])('reaches the disk: %s', (_what, files, asked) => {
    expect(programs(files)).toEqual(asked);
  });
});
