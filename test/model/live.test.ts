import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../model/live/difference.js';
import { approvedPart, otherwise, type Look } from '../../model/live/look.js';
import { ownedFiles } from '../../model/live/owned-files.js';
import { maskOf } from '../../model/mask.js';
import type { HostOperation } from '../../model/operation.js';
import { edit } from '../../model/steps/edit.js';
import { file } from '../../model/steps/file.js';

const secret = 'quite-a-secret';
const shown = { masked: maskOf([secret]).text, secret: true };
const plain = { masked: (text: string) => text, secret: false };
const lines = (...all: string[]): string => all.map((line) => `${line}\n`).join('');

describe('the difference of two texts', () => {
  it('is a unified diff with three lines around', () => {
    const [before, after] = [lines('a', 'b', 'c', 'd', 'e', 'f'), lines('a', 'b', 'c', 'd', 'E', 'f')];
    expect(unifiedDiff('/x', before, after, plain)).toBe(
      lines('--- /x', '+++ /x', '@@ -2,5 +2,5 @@', ' b', ' c', ' d', '-e', '+E', ' f'),
    );
  });

  it('begins at nothing for a new file', () => {
    expect(unifiedDiff('/x', undefined, 'a\n', plain)).toBe(lines('--- /dev/null', '+++ /x', '@@ -0,0 +1,1 @@', '+a'));
  });

  it('shows neither a secret, nor what it replaces, nor the lines around it', () => {
    const before = lines('auth older-secret', 'requirepass older-secret', 'port 1');
    const diff = unifiedDiff('/x', before, lines('auth older-secret', `requirepass ${secret}`, 'port 1'), shown);
    expect(diff).toBe(
      lines('--- /x', '+++ /x', '@@ -2,1 +2,1 @@', '-(not shown: a secret takes its place)', '+requirepass ***'),
    );
  });

  it.each(['password = one', 'requirepass one', '  "apiKey": "one",', "db.password='one'", 'auth_token: one'])(
    'shows no value of a setting whose name speaks of a secret: %s',
    (line) => {
      expect(unifiedDiff('/x', lines(line, 'b'), lines(line, 'c'), plain)).not.toContain('one');
    },
  );

  it('shows nothing of a private key', () => {
    const key = lines('-----BEGIN EC PRIVATE KEY-----', 'SECRET', '-----END EC PRIVATE KEY-----');
    expect(unifiedDiff('/x', key, 'b\n', plain)).not.toContain('SECRET');
  });
});

describe('what was approved of a live plan', () => {
  const look = (more: Partial<Look>): Look => ({ step: 'conf', host: 'node1', state: 'would_change', ...more });

  it('does not hold why a host does not answer, nor the order in which hosts did', () => {
    const away = (because: string) => [look({ state: 'unreachable', because }), look({ step: 'a' })];
    expect(approvedPart(away('refused'))).toEqual(approvedPart(away('timed out').reverse()));
    expect(approvedPart([look({ because: 'a' })])).not.toEqual(approvedPart([look({ because: 'b' })]));
  });

  it('is compared task by task', () => {
    expect(otherwise([look({})], [look({})])).toBe('');
    expect(otherwise([look({})], [look({ state: 'already_so' })])).toBe(
      'conf on node1 was would change and is already so now',
    );
    expect(otherwise([look({ diff: 'a' })], [look({ diff: 'b' })])).toBe('conf on node1 would change something else');
    expect(otherwise([look({}), look({ step: 'a' })], [look({})])).toBe(
      'a on node1 was would change and is not looked at now',
    );
    const many = ['a', 'b', 'c', 'd', 'e'].map((step) => look({ step, diff: 'a' }));
    expect(
      otherwise(
        many,
        many.map((one) => ({ ...one, diff: 'b' })),
      ),
    ).toMatch(/^a on .*; b on .*; c on .*; and 2 more$/);
  });
});

it('files that an operation owns are known by its capture', () => {
  const context = { file: () => undefined, host: { name: 'h', address: 'h' }, sha256: () => '' };
  const made = file.compile({ path: '/etc/a', content: 'x' } as never, context) as HostOperation;
  const edited = edit.compile({ file: '/etc/a', format: 'lines', present: ['x'] } as never, context) as HostOperation;
  expect([ownedFiles(made), ownedFiles(edited)]).toEqual([['/etc/a'], ['/etc/a']]);
  expect(ownedFiles({ on: 'host', do: { text: 'true' } })).toEqual([]);
});
