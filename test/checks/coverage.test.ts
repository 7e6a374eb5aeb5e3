import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { coverage, joinedFrom } from './coverage/coverage.js';
import { numbering, readAs } from './coverage/numbering.js';

/** A small project: what is demanded, what there is, and what must be said of the two. */
interface Case {
  readonly numberings: Readonly<Record<string, object>>;
  readonly corrections: object;
  readonly runbooks: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
  readonly page?: Readonly<Record<string, string>>;
}

const cases = 'test/cases/checks/coverage';
const read = (name: string): Case => parse(readFileSync(`${cases}/${name}`, 'utf8')) as Case;

let home: string;
beforeEach(() => (home = mkdtempSync(join(tmpdir(), 'belay-coverage-'))));
afterEach(() => {
  rmSync(home, { recursive: true });
});

function write(path: string, text: string): void {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function joined({ numberings, corrections, runbooks }: Case): ReturnType<typeof joinedFrom> {
  for (const [name, one] of Object.entries(numberings)) write(`docs/coverage/numbering/${name}`, stringify(one));
  write('docs/coverage/numbering/corrections.yaml', stringify({ corrections }));
  for (const [name, text] of Object.entries(runbooks)) write(`runbooks/${name}`, text);
  return joinedFrom(home);
}

describe('coverage', () => {
  it('finds the committed tables true to numbers and marks', async () => {
    expect((await coverage.run()).faults).toEqual([]);
  });

  it.each(readdirSync(cases))('%s: says what is met by what, and what is wrong', (name) => {
    const one = read(name);
    const { pages, faults } = joined(one);
    expect(faults).toEqual(one.faults);
    for (const [file, page] of Object.entries(one.page ?? {}))
      expect(pages.get(`docs/coverage/${file.replace('.yaml', '.md')}`)).toBe(page);
  });

  it('counts steps of phases that are repeated', () => {
    const one = read('met.yaml');
    const runbook = parse(one.runbooks['one/runbook.yaml'] ?? '') as { phases: object[] };
    runbook.phases = [{ each: ['a'], phases: runbook.phases }];
    const runbooks = { ...one.runbooks, 'one/runbook.yaml': stringify(runbook) };
    expect(joined({ ...one, runbooks }).faults).toEqual(one.faults);
  });

  it.each([
    ['that meets a number', 'written', 'm-001 is met by no step: Write a file'],
    ['that proves another', 'answers', 'one:asked: is proven by answers, which is not there'],
    ['that calls a fragment', 'started', 'parts/start:up: covers numbers in a fragment that no runbook calls'],
  ])('turns red when a step %s is removed', (_what, id, fault) => {
    const one = read('met.yaml');
    const runbook = parse(one.runbooks['one/runbook.yaml'] ?? '') as { phases: [{ steps: { id: string }[] }] };
    runbook.phases[0].steps = runbook.phases[0].steps.filter((step) => step.id !== id);
    const runbooks = { ...one.runbooks, 'one/runbook.yaml': stringify(runbook) };
    expect(joined({ ...one, runbooks }).faults).toEqual([fault]);
  });
});

describe('a numbering', () => {
  const written = (items: string, more = '') =>
    `numbering: m\ntitle: T\nabout: A.\ncomplete: false\n${more}parts: [{ part: Only, items: [${items}] }]`;

  it.each([
    ['a number given twice', '{ id: m-001, does: A }, { id: m-001, does: B }', 'm-001 is given twice'],
    ['a number out of order', '{ id: m-002, does: A }, { id: m-001, does: B }', 'Only: m-001 comes after m-002'],
    [
      'a line out of order',
      '{ id: m-001, line: 9, does: A }, { id: m-002, line: 8, does: B }',
      'Only: the line of m-002 is before that of m-001',
    ],
    [
      'a command that is had otherwise',
      '{ id: m-001, does: A, otherwise: { how: left-out, because: No } }',
      'm-001 is no feature: a step must meet it',
    ],
    ['a feature left out without a reason', '{ id: m-001, does: A, otherwise: { how: left-out } }', 'because'],
    ['a comma that was not quoted', '{ id: m-001, does: A, and B }', 'and B'],
  ])('with %s is refused', (_what, items, fault) => {
    expect(() => readAs(numbering, 'm.yaml', written(items))).toThrow(fault);
  });
});
