import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Authority } from './sign.js';
import { backdated, daysLater, keyPem, serialNumber } from './x509.js';

/** As long as the certificates of a cluster may be renewed from it; a leaf may never outlive it. */
const years = 10;

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
