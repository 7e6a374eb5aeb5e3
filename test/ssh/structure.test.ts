import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const rooms = ['model', 'workflows', 'activities', 'database', 'apps', 'lab', 'bench'].filter((room) =>
  existsSync(join(root, room)),
);

const sources = rooms
  .flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
  )
  .filter((name) => name.endsWith('.ts'));

/** Files that import more than types of ssh2, in any of the ways there are. */
const users = sources.filter((name) => {
  const text = readFileSync(join(root, name), 'utf8');
  return /import (?!type\b)[^;]*from 'ssh2'|(?:require|import)\('ssh2'\)/.test(text);
});

describe('ssh2', () => {
  test('is used by connect.ts alone, so that no other client can be built', () => {
    expect(sources.length).toBeGreaterThan(50);
    expect(users).toEqual(['activities/ssh/connect.ts']);
  });

  test('builds one client there, and it has a verifier', () => {
    const text = readFileSync(join(root, 'activities/ssh/connect.ts'), 'utf8');
    expect(text.match(/new Client\(/g)).toHaveLength(1);
    expect(text.match(/hostVerifier: verifier\(/g)).toHaveLength(1);
  });
});
