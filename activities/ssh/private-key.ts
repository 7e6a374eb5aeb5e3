import ssh2, { type ParsedKey } from 'ssh2';
import { UnusableKey } from './connect-failure.js';
import type { PrivateKey } from './session.js';

const { utils } = ssh2;

/** @throws UnusableKey where it is none, or is encrypted and its passphrase does not open it */
export function parsePrivateKey({ privateKey, passphrase }: PrivateKey): ParsedKey {
  const opener = passphrase === undefined ? undefined : Buffer.from(passphrase);
  const parsed = utils.parseKey(Buffer.from(privateKey), opener);
  if (parsed instanceof Error) throw new UnusableKey(parsed.message);
  if (!parsed.isPrivateKey()) throw new UnusableKey('it is a public key');
  return parsed;
}

/** The public half, `type base64`, as authorized_keys and known_hosts have it. */
export function publicHalf(key: PrivateKey): string {
  const parsed = parsePrivateKey(key);
  return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
}
