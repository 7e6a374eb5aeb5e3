import { createHash } from 'node:crypto';

/** Of a key `type base64`, as OpenSSH prints it: `SHA256:` and base64 without padding. */
export function fingerprint(key: string): string {
  const wire = Buffer.from(key.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(wire).digest('base64').replace(/=+$/, '')}`;
}
