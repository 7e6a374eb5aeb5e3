import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lintRunbook } from '../../model/compile/lint.js';
import { formatFinding } from '../../model/finding.js';

const folder = join(import.meta.dirname, '../cases/runbooks/findings');
const cases = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe('a runbook with mistakes', () => {
  // `RENEW=1` writes the expected findings anew, to be read before they are committed.
  it.each(cases)('%s is told every mistake in one go, each at its place', (name) => {
    const found = lintRunbook(new Map([[name, readFileSync(join(folder, name))]]), name)
      .map(formatFinding)
      .join('\n');
    const expected = join(folder, name.replace('.yaml', '.findings'));
    if (process.env.RENEW === '1') writeFileSync(expected, `${found}\n`);
    expect(`${found}\n`).toBe(readFileSync(expected, 'utf8'));
  });
});

describe('the sketch of a runbook', () => {
  it('has no mistakes', () => {
    const bytes = readFileSync(join(folder, '../sketch.yaml'));
    expect(lintRunbook(new Map([['sketch.yaml', bytes]]), 'sketch.yaml').map(formatFinding)).toEqual([]);
  });

  it('has none with its inventory either', () => {
    const files = new Map(
      ['sketch.yaml', 'inventory.yaml'].map(
        (name) => [name, new Uint8Array(readFileSync(join(folder, '..', name)))] as const,
      ),
    );
    expect(lintRunbook(files, 'sketch.yaml', 'inventory.yaml').map(formatFinding)).toEqual([]);
  });
});
