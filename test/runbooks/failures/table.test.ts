import { describe, expect, it } from 'vitest';
import type { Row } from './rows.js';
import { pageOf, rowsOn, type Known } from './table.js';

const row = (step: string, more: Partial<Row> = {}): Row => ({
  phase: 'First',
  step,
  host: 'node1',
  said: 'waits for a decision: it exited with 97',
  verify: 'green',
  back: 'as before',
  held: true,
  revision: '0123456789',
  ...more,
});

const known = (step: string, phase = 'First'): Known => ({ phase, step });

describe('a table of failures', () => {
  it('is read as it was written, in the order of the steps', () => {
    const rows = [row('two', { held: false, back: 'node1 file added /etc/left' }), row('one')];
    const page = pageOf({ about: 'gluu/small', rows, steps: [known('one'), known('two')] });
    expect(rowsOn(page)).toEqual(rows.toReversed());
    expect(page).toContain('2 of 2 steps');
    expect(page).not.toContain('Not tried');
    expect(pageOf({ about: 'gluu/small', rows: rowsOn(page), steps: [known('one'), known('two')] })).toBe(page);
  });

  it('names the steps that have no row, and rows of steps that are gone', () => {
    const page = pageOf({
      about: 'gluu/small',
      rows: [row('one'), row('former')],
      steps: [known('one'), known('added')],
    });
    expect(page).toContain('1 of 2 steps');
    expect(page).toMatch(/## Not tried\n\n- `added`\n/);
    expect(page).toMatch(/## In the runbook no more\n\n- `former`\n/);
  });

  it('is no longer what it was when a step comes to the runbook or goes', () => {
    const page = pageOf({ about: 'gluu/small', rows: [row('one')], steps: [known('one')] });
    for (const steps of [[known('one'), known('added')], []])
      expect(pageOf({ about: 'gluu/small', rows: rowsOn(page), steps })).not.toBe(page);
  });

  it('has no row for a step of another phase, as another runbook may have', () => {
    const page = pageOf({ about: 'gluu/small', rows: [row('one')], steps: [known('one', 'Second')] });
    expect(page).toContain('0 of 1 steps');
    expect(page).toContain('## In the runbook no more');
  });

  it('keeps a row in one line, whatever was said', () => {
    const page = pageOf({ about: 'gluu/small', rows: [row('one', { said: 'a | b\nc' })], steps: [known('one')] });
    expect(rowsOn(page)).toEqual([row('one', { said: 'a / b c' })]);
  });
});
