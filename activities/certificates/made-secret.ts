import { randomInt } from 'node:crypto';
import type { Making } from '../../model/runbook/secret.js';
import { secretText } from '../../model/secret-text.js';
import { authorityPem, createAuthority } from './authority.js';

/** The value of a secret that nobody has to invent: text, or an authority that is valid from now on. It is in clear. */
export async function madeSecret(making: Making, now: Date): Promise<Uint8Array> {
  const value =
    'length' in making
      ? secretText(making.length, randomInt)
      : authorityPem(await createAuthority(making.authority, now));
  return Buffer.from(value);
}
