import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'yaml';
import type { Operation } from '../../model/operation.js';
import { kinds } from '../../model/steps/kinds.js';
import type { StepKind } from '../../model/steps/kind.js';
import type { Hole } from '../../model/value.js';

const folder = 'test/cases/steps';

/** The data cases of every kind, by the name of their file. */
export function readCases<Case>(section: string): { readonly kind: string; readonly cases: readonly Case[] }[] {
  return readdirSync(folder).flatMap((kind) => {
    const file = readdirSync(`${folder}/${kind}`).find((name) => basename(name, '.yaml') === section);
    if (file === undefined) return [];
    const cases = parse(readFileSync(`${folder}/${kind}/${file}`, 'utf8')) as Case[];
    return [{ kind, cases: cases.map((one) => ({ ...one, folder: `${folder}/${kind}` })) }];
  });
}

/** The keys of a step that belong to its kind, as they stand in a runbook. */
export type StepKeys = Readonly<Record<string, unknown>>;

/** Compiles a step as the language does: `${{ … }}` stays a hole, a secret one where it says so. */
export function compileStep(keys: StepKeys, files: Readonly<Record<string, string | Uint8Array>> = {}): Operation {
  const kind = kindOf(keys);
  const value = withHoles(kind.beside ? keys : keys[kind.kind]);
  return kind.compile(kind.schema.parse(value), {
    file: (path) => (files[path] === undefined ? undefined : Buffer.from(files[path])),
    host: { name: 'target', address: '10.0.0.1' },
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
  });
}

function kindOf(keys: StepKeys): StepKind {
  const kind = kinds.find((one) => one.kind in keys);
  if (!kind) throw new Error(`no kind of step is called ${Object.keys(keys).join(' or ')}`);
  return kind;
}

/** Turns `a ${{ x }} b` into a template, as the compiler does with what only the run can know. */
function withHoles(value: unknown): unknown {
  if (typeof value === 'string' && value.includes('${{')) return { template: piecesOf(value) };
  if (Array.isArray(value)) return value.map(withHoles);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withHoles(one)]));
}

function piecesOf(text: string): (string | Hole)[] {
  return text.split(/(\$\{\{.*?\}\})/s).flatMap((piece): (string | Hole)[] => {
    const expression = /^\$\{\{\s*(.*?)\s*\}\}$/s.exec(piece)?.[1];
    if (expression === undefined) return piece === '' ? [] : [piece];
    return [{ expression, sees: expression.startsWith('secret.') ? 'secret' : 'run' }];
  });
}
