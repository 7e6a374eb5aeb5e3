import { describe, expect, it } from 'vitest';
import { compilePlan } from '../../model/compile/compile.js';
import { lintRunbook } from '../../model/compile/lint.js';
import { formatFinding } from '../../model/finding.js';
import { onePhase, source } from './planning.js';

const seen = {
  'a parameter': 'param.name',
  'a value of the inventory': 'host.name',
  'a group': 'groups.nodes[0].name',
  'what the run learns': 'host.os',
};
const undone = 'undo: none, because: x';
const database = 'database: x, tls: none, login: { user: x }';

/** A step with the expression where a program or a statement stands, and how far into that the expression is. */
const places: Readonly<Record<string, (expression: string) => string>> = {
  'a script': (one) => `- { id: a, step: x, shell: "echo ${one}", ${undone} }`,
  'what asks whether it is so': (one) => `- { id: a, step: x, shell: "true", check: "test ${one}", ${undone} }`,
  'what looks at its effect': (one) => `- { id: a, step: x, shell: "true", verify: "test ${one}", ${undone} }`,
  'what takes it back': (one) =>
    `- { id: a, step: x, shell: "true", undo: { steps: [{ id: b, step: x, shell: "echo ${one}" }] } }`,
  'a statement': (one) =>
    `- { id: a, step: x, sql: { ${database}, statements: [{ run: "delete from ${one}" }] }, ${undone} }`,
  'a question to a database': (one) =>
    `- { id: a, step: x, sql: { ${database}, check: { query: "select ${one}" }, statements: [{ run: "select 1" }] }, ${undone} }`,
};

describe.each(Object.entries(places))('Where %s stands', (_, stepWith) => {
  it.each(Object.entries(seen))('no value becomes code, not %s', (_name, expression) => {
    const runbook = onePhase(stepWith(`\${{ ${expression} }}`));
    const files = new Map([['book/runbook.yaml', new TextEncoder().encode(runbook)]]);
    const column = (runbook.split('\n')[16]?.indexOf('${{') ?? 0) + 1;
    const told = [expect.stringMatching(`^book/runbook.yaml:17:${String(column)}: .*constant text`)];
    expect(lintRunbook(files, 'book/runbook.yaml').map(formatFinding)).toEqual(told);
    const { plan, findings } = compilePlan(source({ runbook, secrets: { login: 1, token: 1 } }));
    expect([plan, findings.map(formatFinding)]).toEqual([undefined, told]);
  });
});
