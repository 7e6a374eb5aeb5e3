import { describe, expect, it } from 'vitest';
import { compileWith } from '../../model/compile/compile.js';
import type { HostOperation } from '../../model/operation.js';
import type { Plan } from '../../model/plan.js';
import { kinds } from '../../model/steps/kinds.js';
import { nastyValues } from '../ssh/nasty-values.js';
import { source } from './planning.js';

const atOnce = 50;
const numbers = Array.from({ length: atOnce }, (_, index) => index);
const hole = (index: number): string => `\${{ param.v${String(index)} }}`;
const quoted = (text: string): string => `'${text}'`;

/** Some parameters, through every way in which a value reaches a script. */
const runbook = `
runbook: values
about: Values through every transport
parameters: { ${numbers.map((index) => `v${String(index)}: { type: text, required: false, default: "" }`).join(', ')} }
phases:
  - phase: Only
    hosts: node1
    steps:
      - id: words
        step: As arguments, and in the environment
        command: [printf, ${numbers.map((index) => quoted(hole(index))).join(', ')}]
        environment: { ${numbers.map((index) => `V${String(index)}: ${quoted(hole(index))}`).join(', ')} }
        read_only: true
      - id: input
        step: On standard input
        shell: cat
        stdin: ${quoted(hole(0))}
        read_only: true
      - id: file
        step: In a file, as parts of a longer text
        file: { path: /srv/value, content: ${quoted(numbers.map((index) => `<${hole(index)}>`).join(''))} }
`;

function compiled(values: readonly string[]): Plan | undefined {
  const inputs = Object.fromEntries(values.map((value, index) => [`v${String(index)}`, value]));
  return compileWith(kinds, source({ runbook, inputs })).plan;
}

const operationsOf = (plan: Plan): HostOperation[] =>
  plan.phases.flatMap((phase) => phase.steps.flatMap((step) => step.operations as HostOperation[]));
const textsOf = (plan: Plan): string[] =>
  operationsOf(plan).flatMap(({ check, capture, do: act, verify, undo }) =>
    [check, capture, act, verify, undo].map((script) => script?.text ?? ''),
  );

/** What cannot be had as UTF-8, or what no process can be given, cannot be a parameter. */
const isText = (value: string): boolean => !value.includes('\0') && value.isWellFormed();
const bytes = (value: string): number => Buffer.byteLength(value);

describe('two thousand nasty values', () => {
  const values = nastyValues(1, 2000, '/canary');
  // Between these two sizes it depends on how the value is written down.
  const takable = values.filter((value) => isText(value) && bytes(value) <= 32_768);
  const refused = values.filter((value) => !isText(value) || bytes(value) > 65_536);
  const calm = textsOf(compiled(['calm'])!);

  it('are in the plan byte for byte, and never change a script', () => {
    expect(takable.length).toBeGreaterThan(1500);
    for (let from = 0; from < takable.length; from += atOnce) {
      const some = takable.slice(from, from + atOnce);
      const all = [...some, ...Array.from({ length: atOnce - some.length }, () => '')];
      const plan = compiled(some);
      if (!plan) throw new Error(`refused: ${JSON.stringify(some)}`);
      const [words, input, file] = operationsOf(plan);
      expect(words!.do.arguments?.slice(-atOnce)).toEqual(all);
      expect(numbers.map((index) => words!.do.environment?.[`V${String(index)}`])).toEqual(all);
      expect(input!.do.stdin).toBe(all[0]);
      expect(file!.do.stdin).toBe(all.map((value) => `<${value}>`).join(''));
      expect(textsOf(plan)).toEqual(calm);
    }
  });

  it('are refused where they cannot be carried byte for byte', () => {
    expect(refused.length).toBeGreaterThan(30);
    for (const value of refused.slice(0, 30))
      expect(compiled([value]), JSON.stringify(value.slice(0, 200))).toBeUndefined();
  });
});
