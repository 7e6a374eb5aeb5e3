import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kinds } from '../../model/steps/kinds.js';
import { compileStep, readCases, type StepKeys } from './cases.js';

const rooms = ['model', 'workflows', 'activities', 'database', 'apps', 'lab'];
const sources = rooms.flatMap((room) =>
  readdirSync(room, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(room, name)),
);
const list = readFileSync('model/steps/kinds.ts', 'utf8');
/** The file of each kind, as the one list imports it. */
const files = [...list.matchAll(/^import \{ \w+ \} from '\.\/(.+)\.js';$/gm)].map(([, name = '']) => name);

it('every kind is in the one list, by one line', () => {
  expect(files).toHaveLength(kinds.length);
});

it.each(files)('the kind in %s.ts is known to that list alone: adding it touched no other file', (name) => {
  const importing = new RegExp(`from '[^']*/${name.replaceAll('.', '\\.')}\\.js'`);
  const within = sources.filter(
    (file) => file.startsWith('model/steps/') || readFileSync(file, 'utf8').includes('steps/'),
  );
  expect(within.filter((file) => importing.test(readFileSync(file, 'utf8')))).toEqual(['model/steps/kinds.ts']);
});

/** The kinds that read an effect back on a host, by what their cases compile to. */
const readBack = kinds.map(({ kind }) => kind).filter(verifies);

function verifies(kind: string): boolean {
  const cases = readCases<{ step: StepKeys; files?: Record<string, string>; wrong?: string }>('compile');
  const mine = cases.find((one) => one.kind === kind)?.cases.filter(({ wrong }) => wrong === undefined) ?? [];
  return mine.some(({ step, files }) => {
    const operation = compileStep(step, files);
    return operation.on === 'host' && operation.verify !== undefined;
  });
}

it('finds kinds that read their effect back', () => {
  expect(readBack).toContain('timer');
});

it.each(readBack)('%s has cases of what its verify must see', (kind) => {
  expect(existsSync(`test/cases/steps/${kind}/spoils.yaml`)).toBe(true);
});

it.each(kinds.map(({ kind }) => kind))('%s has cases of its own', (kind) => {
  expect(existsSync(`test/cases/steps/${kind}/compile.yaml`)).toBe(true);
});
