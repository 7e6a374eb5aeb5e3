import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority } from '../../activities/certificates/authority.js';
import { signCertificate } from '../../activities/certificates/sign.js';

/** A key with a certificate for `localhost`, and not for 127.0.0.1; all of it PEM. */
export interface ServerCertificate {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export async function serverCertificate(): Promise<ServerCertificate> {
  const now = new Date();
  const folder = mkdtempSync(join(tmpdir(), 'belay-certificate-'));
  try {
    const authority = await createAuthority('Server of a test', now);
    const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const words = ['req', '-new', ...elliptic, '-subj', '/CN=x', '-keyout', 'key.pem'];
    const request = execFileSync('openssl', words, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const certificate = await signCertificate(request, authority, { names: ['localhost'], days: 2, now });
    return { authority: authority.certificate, certificate, key: readFileSync(join(folder, 'key.pem'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
