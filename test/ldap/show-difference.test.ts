import { describe, expect, it } from 'vitest';
import { jsonDifference } from '../../activities/ldap/show-difference.js';
import type { LdapChange } from '../../model/operation.js';
import { setInJson } from '../../model/transforms/json-text.js';

type Sets = Extract<LdapChange, { how: 'json' }>['set'];

const target = { url: 'ldaps://dir.test:1636', entry: 'ou=oxtrust' } as Parameters<typeof jsonDifference>[1];
const shown = (before: string, set: Sets): string => {
  const after = setInJson(before, set as Parameters<typeof setInJson>[1]);
  const masking = { masked: (text: string) => text };
  return jsonDifference(
    masking,
    target,
    { how: 'json', attribute: 'conf', set },
    [],
    Buffer.from(before),
    Buffer.from(after),
  );
};
const head = '--- conf of ou=oxtrust at ldaps://dir.test:1636\n+++ conf of ou=oxtrust at ldaps://dir.test:1636\n';

describe('What a change of JSON in an attribute would do', () => {
  it('shows the items that a list gets, each once', () => {
    const set = ['b', 'c', 'a'].map((value) => ({ pointer: '/list/-', value }));
    expect(shown('{"list":["a"]}', set)).toBe(`${head}@@ /list/- @@\n+"b"\n+"c"\n`);
  });

  it('shows nothing of a list that has them', () => {
    expect(shown('{"list":["a"]}', [{ pointer: '/list/-', value: 'a' }])).toBe(head);
  });

  it('shows the value before and after', () => {
    expect(shown('{"n":1}', [{ pointer: '/n', value: 2 }])).toBe(`${head}@@ /n @@\n-1\n+2\n`);
  });
});
