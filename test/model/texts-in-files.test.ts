import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lintRunbook } from '../../model/compile/lint.js';
import { formatFinding } from '../../model/finding.js';
import { compile, foundIn, onePhase, planOf } from './planning.js';
import { flow, runbookOf, type Wrong } from './wrong-steps.js';

const secrets = { login: 1, token: 1 };

describe('A text in a file is told', () => {
  for (const one of parse(readFileSync('test/cases/texts/wrong.yaml', 'utf8')) as Wrong[])
    it(`where there is ${one.it}`, () => {
      expect(foundIn({ secrets, runbook: runbookOf(...one.steps.map(flow)), beside: one.files ?? {} })).toEqual(
        one.found,
      );
    });

  it('where it is longer than a text may be', () => {
    const beside = { 'a.conf': 'x'.repeat(65_537) };
    expect(foundIn({ secrets, runbook: lying, beside })).toEqual([
      'book/runbook.yaml:17:61: book/a.conf has 65537 characters, more than 65536; a text is no longer',
    ]);
  });

  it('where a script has an expression, with the line of it', () => {
    const script = '- { id: a, step: x, shell: { file: a.sh }, verify: { file: b.sh }, undo: none, because: x }';
    const texts = {
      'a/runbook.yaml': onePhase(script),
      'a/a.sh': 'true\n',
      'a/b.sh': 'one\n  test "${{ host.name }}"\n',
    };
    const files = new Map(Object.entries(texts).map(([name, text]) => [name, new TextEncoder().encode(text)]));
    expect(lintRunbook(files, 'a/runbook.yaml').map(formatFinding)).toEqual([
      'a/b.sh:2:9: a script is constant text: pass values by `environment:` and write "$NAME" in the script',
    ]);
  });

  it('where it reads a value that no host before it has', () => {
    const steps = `- { id: asked, step: x, when: 'host.name == "node1"', run: [ask], read_only: true, register: { out: { from: stdout } } }
- { id: a, step: x, put: { path: /a, content: { file: a.conf } } }`;
    const beside = { 'a.conf': 'one\n${{ steps.asked.out }}\n' };
    expect(foundIn({ secrets, runbook: onePhase(steps), beside })).toEqual([
      `book/a.conf:2:5: on node2, it is not known whose value of "asked" is meant; a step of other hosts can be read from a later phase, and only where one host ran it`,
    ]);
  });
});

const lying = onePhase('- { id: a, step: x, put: { path: /a, content: { file: a.conf } } }');
const text = 'port ${{ param.port }} on ${{ host.name }}\nby ${{ secret.password }}, ${{ host.os }}\n';

describe('A text in a file', () => {
  it('is in the plan what it would be if it stood in the document', () => {
    const written = onePhase(`- { id: a, step: x, put: { path: /a, content: ${JSON.stringify(text)} } }`);
    const plan = planOf({ secrets, runbook: lying, beside: { 'a.conf': text } });
    expect(plan.phases).toEqual(planOf({ secrets, runbook: written }).phases);
    expect(JSON.stringify(plan.phases)).toContain('port 16379 on node2');
  });

  it('belongs to the revision of the runbook', () => {
    const revision = (content: string) =>
      compile({ secrets, runbook: lying, beside: { 'a.conf': content } }).plan?.runbook.revision;
    expect(revision(text)).toBe(revision(text));
    expect(revision(text)).not.toBe(revision(`${text}\n`));
  });
});
