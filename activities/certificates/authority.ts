import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Authority } from './sign.js';
import { backdated, daysLater, keyPem, serialNumber } from './x509.js';

/** As long as the certificates of a cluster may be renewed from it; a leaf may never outlive it. */
const years = 10;

/** RFC 7468: one certificate, and one private key after it. */
const bundle =
  /^\s*(-----BEGIN CERTIFICATE-----\n[^-]+-----END CERTIFICATE-----\n)\s*(-----BEGIN [A-Z ]*PRIVATE KEY-----\n[^-]+-----END [A-Z ]*PRIVATE KEY-----\n)\s*$/;

/**
 * Makes a certificate authority: a P-256 key, and a self-signed certificate that may sign leaves (path length 0) and
 * revocation lists, and nothing else. It is valid for ten years: long enough to renew the yearly certificates of a
 * cluster without bringing a new root to every node, and its key is never outside the secret store.
 *
 * @param name - its common name
 */
export async function createAuthority(name: string, now: Date): Promise<Authority> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [name] }],
    notBefore: backdated(now),
    notAfter: daysLater(now, Math.floor(years * 365.25)),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, key: await keyPem(keys.privateKey) };
}

/** An authority as it is stored: its certificate, then its key. */
export function authorityPem({ certificate, key }: Authority): string {
  return certificate + key;
}

/**
 * An authority as {@link authorityPem} writes it, or as runs kept it before, as JSON.
 *
 * @returns undefined where it is none: not one certificate that may sign others, and the private key of it in clear
 */
export function readAuthority(stored: string): Authority | undefined {
  if (stored.startsWith('{')) return JSON.parse(stored) as Authority;
  const [, certificate = '', key = ''] = bundle.exec(stored) ?? [];
  try {
    const issuer = new X509Certificate(certificate);
    return issuer.ca && issuer.checkPrivateKey(createPrivateKey(key)) ? { certificate, key } : undefined;
  } catch {
    return undefined;
  }
}
