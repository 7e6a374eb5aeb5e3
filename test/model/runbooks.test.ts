import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { compilePlan, type Compilation } from '../../model/compile/compile.js';
import { lintRunbook } from '../../model/compile/lint.js';
import { formatFinding } from '../../model/finding.js';
import { sha256 } from './planning.js';

/** How a runbook that comes with Belay is planned: on which hosts, with which inputs, to which steps. */
interface Case {
  readonly inventory: object | string;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** What is asked for otherwise in further plans, which must come out without mistakes, too. */
  readonly also?: readonly Readonly<Record<string, unknown>>[];
  readonly steps?: readonly string[];
}

/** The runbook of that name and all that lies beside it, by path below its folder. */
function filesOf(name: string): Map<string, Uint8Array> {
  const folder = `runbooks/${name}`;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map(({ parentPath, name: file }) => {
      const path = `${parentPath}/${file}`;
      return [path.slice(folder.length + 1), new Uint8Array(readFileSync(path))];
    }),
  );
}

/** Folder and document of every runbook, by its own name: a folder is one, or has one in each of its documents. */
const runbooks = readdirSync('runbooks').flatMap((folder) => {
  const documents = readdirSync(`runbooks/${folder}`).filter((file) => file.endsWith('.yaml'));
  return documents.map((file) => {
    const { runbook: name } = parse(readFileSync(`runbooks/${folder}/${file}`, 'utf8')) as { readonly runbook: string };
    return { name, folder, file };
  });
});

function planned(folder: string, runbook: string, { inventory, inputs }: Case): Compilation {
  const files = filesOf(folder).set(
    'inventory.yaml',
    new TextEncoder().encode(typeof inventory === 'string' ? inventory : stringify(inventory)),
  );
  const source = {
    files,
    runbook,
    inventory: 'inventory.yaml',
    inputs,
    secretVersion: () => 1,
    sha256,
  };
  return compilePlan(source);
}

describe('The runbooks that come with Belay', () => {
  it.each(runbooks)('$name has no mistakes', ({ folder, file }) => {
    expect(lintRunbook(filesOf(folder), file).map(formatFinding)).toEqual([]);
  });

  it.each(runbooks)('$name says of every parameter what it is for', ({ folder, file }) => {
    const { parameters = {} } = parse(readFileSync(`runbooks/${folder}/${file}`, 'utf8')) as {
      readonly parameters?: Readonly<Record<string, { readonly help?: string }>>;
    };
    expect(Object.keys(parameters).filter((one) => !parameters[one]?.help)).toEqual([]);
  });

  it.each(runbooks)('$name can be planned', ({ name, folder, file }) => {
    const one = parse(readFileSync(`test/cases/runbooks/real/${name}.yaml`, 'utf8')) as Case;
    const { plan, findings } = planned(folder, file, one);
    expect(findings.map(formatFinding)).toEqual([]);
    if (one.steps !== undefined)
      expect(plan?.phases.flatMap(({ steps }) => steps.map(({ id }) => id))).toEqual(one.steps);
    for (const otherwise of one.also ?? []) {
      const other = planned(folder, file, { ...one, inputs: { ...one.inputs, ...otherwise } });
      expect(other.findings.map(formatFinding), JSON.stringify(otherwise)).toEqual([]);
    }
  });
});
