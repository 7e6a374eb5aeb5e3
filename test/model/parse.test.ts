// cspell:ignore szie
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readOutput } from '../../model/parse/read-output.js';
import { register } from '../../model/runbook/register.js';
import { foundIn, onePhase } from './planning.js';

interface Case {
  readonly it: string;
  readonly rule: Readonly<Record<string, unknown>>;
  readonly output?: string;
  readonly repeat?: { readonly text: string; readonly times: number };
  readonly value?: unknown;
  readonly problem?: string;
}

for (const file of readdirSync('test/cases/parse'))
  describe(`Output read as ${file.replace('.yaml', '')}`, () => {
    for (const one of parse(readFileSync(`test/cases/parse/${file}`, 'utf8')) as Case[])
      it(one.it, () => {
        const rule = { value: undefined, parse: undefined, ...register.parse({ from: 'stdout', ...one.rule }) };
        if (rule.value === undefined || rule.parse === undefined) throw new Error('nothing is parsed');
        const output = one.output ?? one.repeat?.text.repeat(one.repeat.times) ?? '';
        const read = readOutput(output, rule.parse, rule.value);
        expect(read).toEqual(one.problem === undefined ? { value: one.value } : { problem: one.problem });
      });
  });

describe('A parsed value in expressions', () => {
  const found = (rule: string, assert: string): string[] =>
    foundIn({
      runbook: onePhase(
        `- { id: a, step: x, run: [id], register: { v: ${rule} }, assert: '${assert}', read_only: true }`,
      ),
      secrets: { login: 1, token: 1 },
    }).map((line) => line.replace(/^.*?yaml:\d+:\d+: /, ''));

  it('has its declared type, to the last field', () => {
    const pools = '{ from: stdout, parse: json, type: list, of: { type: map, fields: { size: { type: integer } } } }';
    expect(found(pools, 'steps.a.v.all(pool, pool.size > 0)')).toEqual([]);
    expect(found(pools, 'steps.a.v[0].szie > 0')).toEqual(['there is no field "szie"; did you mean "size"?']);
    expect(found(pools, 'steps.a.v[0].size == "big"')[0]).toMatch(/no such overload: int == string/);
    expect(found('{ from: stdout, parse: tsv, columns: [name] }', 'steps.a.v[0].nme == ""')).toEqual([
      'there is no field "nme"; did you mean "name"?',
    ]);
    expect(found('{ from: stdout, parse: ldif }', 'steps.a.v[0].attributes["cn"][0] == "x"')).toEqual([]);
    expect(found('{ from: stdout, parse: lines }', 'steps.a.v.size() == 0 || steps.a.v[0] > 5')[0]).toMatch(
      /no such overload: string > int/,
    );
  });
});
