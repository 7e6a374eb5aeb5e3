import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kinds } from '../../model/steps/kinds.js';

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

it.each(kinds.map(({ kind }) => kind))('%s has cases of its own', (kind) => {
  expect(existsSync(`test/cases/steps/${kind}/compile.yaml`)).toBe(true);
});
