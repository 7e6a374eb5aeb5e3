import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Unusable } from '../../model/steps/kind.js';
import { kinds } from '../../model/steps/kinds.js';
import { compileStep, readCases, type StepKeys } from './cases.js';

interface Case {
  readonly it: string;
  readonly step: StepKeys;
  readonly files?: Readonly<Record<string, string>>;
  /** Part of the operation. */
  readonly is?: Record<string, unknown>;
  /** Part of what is wrong with the arguments. */
  readonly wrong?: string;
  /** Where, below the step's arguments. */
  readonly at?: string;
}

for (const { kind, cases } of readCases<Case>('compile'))
  describe(`Compiling ${kind}`, () => {
    for (const one of cases)
      it(one.it, () => {
        if (one.wrong === undefined) return void expect(compileStep(one.step, one.files)).toMatchObject(one.is ?? {});
        const found = complaint(() => compileStep(one.step, one.files));
        expect(found.text).toContain(one.wrong);
        if (one.at !== undefined) expect(found.paths).toContain(one.at);
      });
  });

function complaint(compile: () => unknown): { readonly text: string; readonly paths: readonly string[] } {
  try {
    compile();
  } catch (error) {
    if (error instanceof Unusable) return { text: error.message, paths: [error.path.join('.')] };
    if (error instanceof z.ZodError) return { text: JSON.stringify(error.issues), paths: issuePaths(error.issues) };
    throw error;
  }
  throw new Error('it compiled');
}

/** Places of issues, those inside the branches of a union included. */
function issuePaths(issues: readonly z.core.$ZodIssue[], above: readonly PropertyKey[] = []): string[] {
  return issues.flatMap((issue) => [
    [...above, ...issue.path].map(String).join('.'),
    ...(issue.code === 'invalid_union'
      ? issue.errors.flatMap((branch) => issuePaths(branch, [...above, ...issue.path]))
      : []),
  ]);
}

describe('The list of kinds', () => {
  it('names each kind once', () => {
    expect(new Set(kinds.map(({ kind }) => kind)).size).toBe(kinds.length);
  });

  it('gives every kind data cases, and stories to every kind that acts on a host', () => {
    const compiled = readCases('compile').map(({ kind }) => kind);
    expect(compiled.sort()).toEqual(kinds.map(({ kind }) => kind).sort());
    const onHosts = kinds.filter(({ on }) => on === undefined).map(({ kind }) => kind);
    const told = readCases('stories').map(({ kind }) => kind);
    expect(told.sort()).toEqual(onHosts.sort());
  });

  it('has an input schema of each kind for editors', () => {
    for (const { kind, schema } of kinds)
      expect(() => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), kind).not.toThrow();
  });

  it('never splices a value into a script', () => {
    const mark = 'q7z';
    const steps: StepKeys[] = [
      { file: { path: `/${mark}`, content: mark, owner: mark } },
      { directory: { path: `/${mark}`, owner: mark } },
      { edit: { file: `/${mark}`, format: 'words', set: { [mark]: mark } } },
      { package: { name: mark, version: '1' } },
      { service: { name: mark, running: true, process: mark } },
      { port: { host: mark, port: 1, expect: 'open' } },
      { command: [mark], environment: { A: mark } },
      { edit: { file: `/${mark}`, format: 'ini', set: { [mark]: { [mark]: mark } } } },
      { edit: { file: `/${mark}`, format: 'yaml', set: { [`/${mark}`]: mark } } },
      { hosts_file: { block: mark, entries: [{ address: '::1', names: [mark] }] } },
      { user: { name: mark, groups: [mark], home: `/${mark}`, comment: mark } },
      { cron: { name: mark, schedule: '@daily', user: mark, command: mark } },
      { timer: { name: mark, command: [`/${mark}`], calendar: [mark] } },
      { keystore: { file: `/${mark}`, password: mark, trusted: { [mark]: mark } } },
      { backup: { paths: [`/${mark}`] } },
      ...['nftables', 'ufw', 'firewalld'].map((tool) => ({
        firewall: { tool, name: mark, rules: [{ action: 'deny', port: 1, from: [`\${{ ${mark} }}`] }] },
      })),
      { package: { name: mark, manager: 'dnf', version: mark } },
      {
        certificate: {
          authority: { certificate: mark, key: mark },
          names: [mark],
          key: `/${mark}`,
          certificate: `/${mark}2`,
        },
      },
    ];
    for (const step of steps) {
      const operation = compileStep(step);
      if (operation.on !== 'host') throw new Error('not a host operation');
      for (const part of ['check', 'capture', 'do', 'verify', 'undo'] as const)
        expect(operation[part]?.text ?? '', `${Object.keys(step).join()} ${part}`).not.toContain(mark);
    }
  });
});
