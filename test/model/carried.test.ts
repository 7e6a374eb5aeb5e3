import { expect, test } from 'vitest';
import { compilePlan } from '../../model/compile/compile.js';
import { formatFinding } from '../../model/finding.js';
import { source } from './planning.js';

/** Copies a file from a host to those of a phase. */
const runbook = (from: string, hosts: string, more = ''): string => `runbook: copy
about: A file of one host on others
phases:
  - phase: Copy
    hosts: ${hosts}
    steps:
      - id: copied
        step: The file is there
        transfer: { from: { host: ${from}, path: /srv/a }, path: /srv/a }
${more}`;

/** A phase that a second host is in. */
const cacheToo = `  - phase: Cache
    hosts: cache
    steps: [{ id: looked, step: It is there, command: [test, -e, /srv/a], read_only: true }]
`;

const found = (text: string): string[] => compilePlan(source({ runbook: text })).findings.map(formatFinding);

test('a file is carried from a host of the plan', () => {
  expect(found(runbook('cache', 'nodes', cacheToo))).toEqual([]);
});

test('a host that no phase is about is no source: the run would not have it to itself', () => {
  expect(found(runbook('cache', 'nodes'))).toEqual([
    expect.stringContaining('copied takes a file from cache, and no phase is about that host'),
  ]);
});

test('a host is no source for itself, though it is one for others', () => {
  expect(found(runbook('node1', 'nodes'))).toEqual([expect.stringContaining('the host of the step itself')]);
});

test('a file is not carried to undo something else', () => {
  const undoing = `runbook: copy
about: A file of one host on others
phases:
  - phase: Copy
    hosts: nodes
    steps:
      - id: done
        step: It is done
        shell: "true"
        undo:
          steps:
            - id: copied
              step: The file is there
              transfer: { from: { host: cache, path: /srv/a }, path: /srv/a }
${cacheToo}`;
  expect(found(undoing)).toEqual([expect.stringContaining('a step of the kind transfer cannot undo another')]);
});
