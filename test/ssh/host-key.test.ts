import { describe, expect, test } from 'vitest';
import { hostKeyOrder, pinned, verifier, type SeenKey } from '../../activities/ssh/host-key.js';

const key = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIGX2v8Iw1mZkq6l0Vb3Yd1o0jvFf3V0oQ1mJH9cJm0aB', 'base64');
const other = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIGX2v8Iw1mZkq6l0Vb3Yd1o0jvFf3V0oQ1mJH9cJm0aC', 'base64');

function decision(accepts: unknown): { readonly decided: unknown[]; readonly returned: unknown } {
  const decided: unknown[] = [];
  const returned: unknown = verifier(accepts as (key: Buffer) => unknown)(key, (accepted) => decided.push(accepted));
  return { decided, returned };
}

describe('a host key', () => {
  test.each([
    ['an async verifier that says yes', async () => true],
    ['an async verifier that says no', async () => false],
    [
      'a throwing verifier',
      () => {
        throw new Error('no');
      },
    ],
    ['an absent verifier', undefined],
    ['a verifier that says something truthy', () => 'yes'],
    ['a verifier that says nothing', () => undefined],
    ['a verifier that says no', () => false],
  ])('is not accepted by %s', (_, accepts) => {
    expect(decision(accepts)).toEqual({ decided: [false], returned: undefined });
  });

  test('is accepted by a verifier that says true, at once, and returns nothing to ssh2', () => {
    expect(decision(() => true)).toEqual({ decided: [true], returned: undefined });
  });

  test('is accepted where it is one of those pinned, byte for byte', () => {
    const pins = [`ssh-ed25519 ${other.toString('base64')}`, `ssh-ed25519 ${key.toString('base64')} a comment`];
    const seen: SeenKey = {};
    expect(pinned(pins, seen)(key)).toBe(true);
    expect(seen).toMatchObject({ type: 'ssh-ed25519', accepted: true });
  });

  test.each([[[]], [['']], [['ssh-ed25519']], [[`ssh-ed25519 ${other.toString('base64')}`]]])(
    'is not accepted where the pins are %j',
    (pins) => {
      const seen: SeenKey = {};
      expect(pinned(pins, seen)(key)).toBe(false);
      expect(seen.accepted).toBe(false);
      expect(seen.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    },
  );

  test('of a pinned type is asked for first, and SHA-1 never', () => {
    expect(hostKeyOrder(['ssh-rsa AAAA'])).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
      'ssh-ed25519',
      'ecdsa-sha2-nistp256',
      'ecdsa-sha2-nistp384',
      'ecdsa-sha2-nistp521',
    ]);
  });
});
