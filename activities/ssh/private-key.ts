import type { ParsedKey } from 'ssh2';
import { UnusableKey } from './connect-failure.js';
import type { PrivateKey } from './session.js';

/** Reads a key in any of the forms that there are; connect.ts has one, and nobody else the library. */
export type ParseKey = (key: Buffer, passphrase?: Buffer) => ParsedKey | Error;

/** @throws UnusableKey where it is none, or is encrypted and its passphrase does not open it */
export function parsePrivateKey({ privateKey, passphrase }: PrivateKey, parse: ParseKey): ParsedKey {
  const parsed = parse(Buffer.from(privateKey), passphrase === undefined ? undefined : Buffer.from(passphrase));
  if (parsed instanceof Error) throw new UnusableKey(parsed.message);
  if (!parsed.isPrivateKey()) throw new UnusableKey('it is a public key');
  return parsed;
}
