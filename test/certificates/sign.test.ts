import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuthority } from '../../activities/certificates/authority.js';
import { signCertificate, type Authority } from '../../activities/certificates/sign.js';
import { Failed } from '../../model/failure.js';

const folder = mkdtempSync(join(tmpdir(), 'belay-certificates-'));
const names = ['cache.lab.test', '10.90.1.11', 'fd00::11'];
const now = new Date();
let authority: Authority;

const openssl = (...words: string[]): string =>
  execFileSync('openssl', words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] }).toString();

/** A key and a request for `evil.example`, whose name must not get into any certificate. */
function request(name: string, ...kind: string[]): string {
  openssl(
    'req',
    '-new',
    '-newkey',
    ...kind,
    '-nodes',
    '-keyout',
    `${name}.key`,
    '-subj',
    '/CN=evil.example',
    '-addext',
    'subjectAltName=DNS:evil.example',
    '-out',
    `${name}.csr`,
  );
  return openssl('req', '-in', `${name}.csr`);
}

const p256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Failed);
  expect((error as Failed).failure.kind).toBe('step/transform-failed');
  return (error as Failed).failure.known;
}

beforeAll(async () => {
  authority = await createAuthority('Gluu cluster', now);
  writeFileSync(join(folder, 'ca.pem'), authority.certificate);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a certificate authority', () => {
  test('may sign leaves and nothing deeper, as OpenSSL reads it', () => {
    const text = openssl('x509', '-in', 'ca.pem', '-noout', '-text');
    expect(text).toContain('Subject: CN = Gluu cluster');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    expect(text).toMatch(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
    expect(text).toContain('ASN1 OID: prime256v1');
    expect(authority.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });
});

describe('a signed certificate', () => {
  test('is for servers, for the names of the plan, and not for those of the request', async () => {
    writeFileSync(
      join(folder, 'leaf.pem'),
      await signCertificate(request('leaf', ...p256), authority, { names, days: 398, now }),
    );
    expect(openssl('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', 'ca.pem', 'leaf.pem')).toContain(
      'leaf.pem: OK',
    );
    const text = openssl('x509', '-in', 'leaf.pem', '-noout', '-text');
    expect(text).toContain('Subject: CN = cache.lab.test');
    expect(text).toContain('DNS:cache.lab.test, IP Address:10.90.1.11, IP Address:FD00:0:0:0:0:0:0:11');
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
    expect(text).toMatch(/Extended Key Usage: \n?\s+TLS Web Server Authentication\n/);
    expect(text).toMatch(/Serial Number:\s+[0-9a-f]{2}(:[0-9a-f]{2}){15}\n/);
    expect(text).not.toContain('evil');
    expect(openssl('x509', '-in', 'leaf.pem', '-noout', '-checkend', String(397 * 86_400))).toContain(
      'will not expire',
    );
    expect(() => openssl('x509', '-in', 'leaf.pem', '-noout', '-checkend', String(399 * 86_400))).toThrow();
    expect(openssl('x509', '-in', 'leaf.pem', '-noout', '-pubkey')).toBe(openssl('pkey', '-in', 'leaf.key', '-pubout'));
  });

  test('works in a TLS handshake for its name, and not for another', async () => {
    const certificate = await signCertificate(request('served', ...p256), authority, { names, days: 30, now });
    const server = createServer({ cert: certificate, key: openssl('pkey', '-in', 'served.key') }).listen(
      0,
      '127.0.0.1',
    );
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const outcome = async (servername: string, ca: string): Promise<string> => {
      const socket = connect({ port, host: '127.0.0.1', servername, ca });
      const ended = await Promise.race([
        once(socket, 'secureConnect').then(() => 'trusted'),
        once(socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code ?? ''),
      ]).catch((error: NodeJS.ErrnoException) => error.code ?? '');
      socket.destroy();
      return ended;
    };
    expect(await outcome('cache.lab.test', authority.certificate)).toBe('trusted');
    expect(await outcome('evil.example', authority.certificate)).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await outcome('cache.lab.test', (await createAuthority('Gluu cluster', now)).certificate)).not.toBe(
      'trusted',
    );
    server.close();
  });

  test('is issued for an RSA key of 3072 bits, and for a name too long to be a common name', async () => {
    const long = `${'a'.repeat(60)}.example.test`;
    writeFileSync(
      join(folder, 'rsa.pem'),
      await signCertificate(request('rsa', 'rsa:3072'), authority, { names: [long], days: 1, now }),
    );
    expect(
      openssl(
        'verify',
        '-x509_strict',
        '-purpose',
        'sslserver',
        '-verify_hostname',
        long,
        '-CAfile',
        'ca.pem',
        'rsa.pem',
      ),
    ).toContain('OK');
    expect(openssl('x509', '-in', 'rsa.pem', '-noout', '-text')).toMatch(
      /Key Usage: critical\s+Digital Signature, Key Encipherment/,
    );
  });

  test('has a serial number of its own', async () => {
    const csr = request('serial', ...p256);
    const serials = await Promise.all(
      Array.from({ length: 8 }, async (_, at) => {
        writeFileSync(join(folder, `s${at}.pem`), await signCertificate(csr, authority, { names, days: 1, now }));
        return openssl('x509', '-in', `s${at}.pem`, '-noout', '-serial');
      }),
    );
    expect(new Set(serials).size).toBe(8);
  });
});

describe('nothing is signed', () => {
  const wish = { names, days: 30, now };

  test.each([
    ['RSA of 2048 bits', ['rsa:2048']],
    ['P-384', ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384']],
    ['Ed25519', ['ed25519']],
  ])('for a key that is %s', async (_name, kind) => {
    expect(await refusal(signCertificate(request('weak', ...kind), authority, wish))).toMatch(
      /only P-256, or RSA|signature/,
    );
  });

  test('where the signature of the request does not fit its key', async () => {
    const pem = request('forged', ...p256);
    const der = Buffer.from(pem.split('\n').slice(1, -2).join(''), 'base64');
    const last = der.length - 1;
    der[last] = (der[last] ?? 0) ^ 1;
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(await refusal(signCertificate(forged, authority, wish))).toContain('signature of the request');
  });

  test.each([
    ['399 days', { names, days: 399, now }, '398'],
    ['no day', { names, days: 0, now }, '398'],
    ['no name', { names: [], days: 1, now }, 'no name'],
    ['a name with a space', { names: ['a b'], days: 1, now }, 'neither a domain name'],
    [
      'a time beyond the authority',
      { names, days: 398, now: new Date(now.getTime() + 3300 * 86_400_000) },
      'before this one would',
    ],
  ])('for %s', async (_name, wrong, known) => {
    expect(await refusal(signCertificate(request('any', ...p256), authority, wrong))).toContain(known);
  });

  test('with a key that does not belong to the certificate of the authority', async () => {
    const other = await createAuthority('Other', now);
    expect(await refusal(signCertificate(request('any', ...p256), { ...authority, key: other.key }, wish))).toContain(
      'fits its certificate',
    );
  });

  test('where the host sent no request', async () => {
    expect(await refusal(signCertificate('no request', authority, wish))).toContain('no certificate request');
  });
});
