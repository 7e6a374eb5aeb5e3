import { expect, test } from 'vitest';
import { compilePlan } from '../../model/compile/compile.js';
import { formatFinding } from '../../model/finding.js';
import { leaseOf } from '../../model/looking.js';
import { source } from './planning.js';

const runbook = (steps: string): string => `runbook: look
about: Looks on
only_looks: it reads, and its marker goes again
phases:
  - phase: Look
    hosts: nodes
    steps:
${steps}`;

const reads = '      - { id: seen, step: It is there, command: [test, -e, /srv/a], read_only: true }';
const server = 'url: "ldaps://192.0.2.9", authority: PEM, bind: { dn: cn=admin, password: secret }';
const marker = `      - { id: shows, step: It shows, ldap.wait: { ${server}, entry: o=gluu, peer: { ${server} } } }`;
const gone = `      - { id: gone, step: It is gone, ldap.entry: { ${server}, entry: "cn=a,o=gluu", absent: true }, undo: none, because: it is a trial }`;
const wanted = `      - { id: there, step: It is there, ldap.entry: { ${server}, entry: "cn=a,o=gluu", absent: true } }`;
const acts = '      - { id: made, step: It is made, command: [touch, /srv/a], undo: none, because: nobody minds }';
const file = '      - { id: kept, step: It is kept, file: { path: /srv/a, content: a } }';

const found = (text: string): string[] => compilePlan(source({ runbook: text })).findings.map(formatFinding);

test('what reads, leaves a marker for a moment, or takes a trial out of a directory, only looks', () => {
  expect(found(runbook([reads, marker, gone].join('\n')))).toEqual([]);
});

test.each([
  ['made', acts],
  ['kept', file],
  ['there', wanted],
])('a step that changes what others may work on is none that only looks: %s', (id, written) => {
  expect(found(runbook(written))).toEqual([
    expect.stringContaining(`${id} changes something, and the runbook says that it only looks`),
  ]);
});

test('whoever only looks takes another lease of the same machine', () => {
  const looking = compilePlan(source({ runbook: runbook(reads) })).plan;
  const acting = compilePlan(source({ runbook: runbook(file).replace(/only_looks.*\n/, '') })).plan;
  expect(looking && leaseOf(looking, 'node1')).toBe('192.0.2.2:22 (looking)');
  expect(acting && leaseOf(acting, 'node1')).toBe('192.0.2.2:22');
});
