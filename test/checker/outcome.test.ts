import { describe, expect, it } from 'vitest';
import { chanceFrom } from '../chaos/chance.js';
import { cutShort, joined, type Outcome } from '../chaos/suite/outcome.js';
import { allFaults, chooseFaults } from '../chaos/suite/sample.js';
import { tableOf } from '../chaos/suite/table.js';

const outcome = (name: string, change: Partial<Outcome> = {}): Outcome => ({
  ...{ revision: 'abc', seed: 7, missed: [], secrets: [] },
  passed: [
    { fault: { group: 'g', name }, run: `run-${name}`, ok: true, said: 'fired', state: 'succeeded', seconds: 1 },
  ],
  checked: { seen: { runs: 1, lines: 10 }, violations: [] },
  ...change,
});

describe('what several labs found', () => {
  it('is one table, with the rows, counts and violations of all', () => {
    const violations = [{ crime: 'lost' as const, run: 'run-b', evidence: 'it is gone' }];
    const both = joined([outcome('a'), outcome('b', { checked: { seen: { runs: 2, lines: 5 }, violations } })]);
    expect(both.checked.seen).toEqual({ runs: 3, lines: 15 });
    const { text, passed, failed } = tableOf(both, true);
    expect(text).toContain('| g | a | fired | succeeded | 1.0 |  | 0 | 0 | 0 | 0 |');
    expect(text).toContain('| g | b | fired | succeeded | 1.0 |  | 1 | 0 | 0 | 0 |');
    expect({ passed, failed }).toEqual({ passed: 5, failed: 1 });
  });

  it('keeps what one of them missed, or found where it must not be', () => {
    const both = joined([outcome('a', { missed: ['doubled'] }), outcome('b', { secrets: ['the key in a log'] })]);
    expect(tableOf(both, false).failed).toBe(2);
  });

  it('tells in the table when each run had gone on, and which had ended before the repair', () => {
    const ended = (name: string, recovery: number | 'had ended'): Outcome => {
      const one = outcome(name);
      return { ...one, passed: one.passed.map((row) => ({ ...row, recovery })) };
    };
    const { text } = tableOf(joined([ended('a', 0.04), ended('b', 'had ended')]), true);
    expect(text).toContain('| g | a | fired | succeeded | 1.0 | 0.0 | 0 | 0 | 0 | 0 |');
    expect(text).toContain('| g | b | fired | succeeded | 1.0 | had ended | 0 | 0 | 0 | 0 |');
  });

  it('is not joined over several revisions', () => {
    expect(() => joined([outcome('a'), outcome('b', { revision: 'def' })])).toThrow('several revisions: abc, def');
  });
});

describe('a lab that did not stand to the end', () => {
  const made = { revision: 'abc', seed: 7 };
  const faults = [
    { group: 'g', name: 'a' },
    { group: 'g', name: 'b' },
  ];

  it('keeps what was found on it, and fails for all that was not', () => {
    const { text, passed, failed } = tableOf(cutShort(made, faults, outcome('a').passed, new Error('no disk')), true);
    expect(text).toContain('| g | a | fired | succeeded |');
    expect(text).toContain('| g | b | FAILED: its ground did not stand to the end: no disk |');
    expect({ passed, failed }).toEqual({ passed: 5, failed: 2 });
  });

  it('fails, too, where nothing was left but to judge', () => {
    const whole = [...outcome('a').passed, ...outcome('b').passed];
    expect(tableOf(cutShort(made, faults, whole, new Error('no answer')), true).failed).toBe(1);
  });
});

describe('the faults', () => {
  const named = (faults: readonly { group: string; name: string }[]): string[] =>
    faults.map(({ group, name }) => `${group}: ${name}`).sort();

  it('have names of their own', () => {
    expect(new Set(named(allFaults)).size).toBe(allFaults.length);
  });

  it('are shared out to labs without one being lost or forced twice', () => {
    const parts = [1, 2, 3].map((part) => chooseFaults(chanceFrom(7), true, undefined, { part, of: 3 }));
    expect(named(parts.flat())).toEqual(named(allFaults));
  });

  it('of a sample are the same ones in several labs as in one', () => {
    const parts = [1, 2].map((part) => chooseFaults(chanceFrom(7), false, undefined, { part, of: 2 }));
    expect(named(parts.flat())).toEqual(named(chooseFaults(chanceFrom(7), false)));
  });

  it('end with the upgrade, which leaves another version behind', () => {
    expect(chooseFaults(chanceFrom(7), true).at(-1)?.name).toBe('embedded stack upgraded with runs open');
  });
});
