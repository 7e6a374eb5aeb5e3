import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lintRunbook } from '../../model/compile/lint.js';
import { formatFinding } from '../../model/finding.js';

/** The runbook of that name and all that lies beside it, by path below its folder. */
export function runbookFiles(name: string): Map<string, Uint8Array> {
  const folder = `runbooks/${name}`;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name: file }) => {
      const path = `${parentPath}/${file}`;
      return [path.slice(folder.length + 1), new Uint8Array(readFileSync(path))];
    }),
  );
}

describe('The runbooks that come with Belay', () => {
  it.each(readdirSync('runbooks'))('%s has no mistakes', (name) => {
    expect(lintRunbook(runbookFiles(name), 'runbook.yaml').map(formatFinding)).toEqual([]);
  });
});
