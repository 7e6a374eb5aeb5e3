import { generateKeyPairSync, randomBytes } from 'node:crypto';

/** An ed25519 private key as ssh-keygen writes it (openssh-key-v1), not encrypted: it goes straight into the secret store. */
export function makePrivateKey(comment: string): string {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const publicKey = Buffer.from(x ?? '', 'base64url');
  const seed = Buffer.from(d ?? '', 'base64url');
  const blob = Buffer.concat([field('ssh-ed25519'), field(publicKey)]);
  const check = randomBytes(4);
  const secret = Buffer.concat([
    ...[check, check, field('ssh-ed25519'), field(publicKey)],
    ...[field(Buffer.concat([seed, publicKey])), field(comment)],
  ]);
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...[field('none'), field('none'), field(''), number(1), field(blob), field(padded(secret))],
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** To a multiple of eight bytes, with 1, 2, 3, … */
function padded(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([number(bytes.length), bytes]);
}

function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
