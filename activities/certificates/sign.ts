import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { Failed } from '../../model/failure.js';
import { backdated, daysLater, serialNumber, strengthOf } from './x509.js';

/** A certificate authority: its certificate, and the key that signs with it. Both PEM. */
export interface Authority {
  readonly certificate: string;
  readonly key: string;
}

/** What a leaf certificate shall say. Nothing of it is taken from the request. */
export interface CertificateWish {
  /** Domain names and addresses; the first becomes the common name where it fits. */
  readonly names: readonly string[];
  /** 1 to 398. */
  readonly days: number;
  readonly now: Date;
}

/** Browsers refuse certificates that are valid for longer (CA/Browser Forum, since 2020). */
const mostDays = 398;
const longestCommonName = 64;
const domainName =
  /^(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * Signs the key of a certificate request: P-256, or RSA of at least 3072 bits. The certificate is for servers only.
 *
 * @param request - PKCS#10, PEM; only its key is used, after its signature has shown that the asker holds it
 * @returns the certificate, PEM, with one line end at its end
 * @throws Failed `step/transform-failed`
 */
export async function signCertificate(request: string, authority: Authority, wish: CertificateWish): Promise<string> {
  checkWish(wish);
  const publicKey = await keyOf(request);
  const issuer = new x509.X509Certificate(authority.certificate);
  const notAfter = daysLater(wish.now, wish.days);
  if (notAfter > issuer.notAfter)
    throw refused(`the authority's certificate ends on ${issuer.notAfter.toISOString()}, before this one would`);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subjectOf(wish.names),
    issuer: issuer.subjectName,
    notBefore: later(backdated(wish.now), issuer.notBefore),
    notAfter,
    publicKey,
    signingKey: await signingKey(authority, issuer),
    signingAlgorithm: algorithm,
    extensions: await extensionsOf(publicKey, issuer, wish.names),
  });
  return `${certificate.toString('pem')}\n`;
}

function refused(known: string): Failed {
  return new Failed({
    kind: 'step/transform-failed',
    tried: 'to issue a certificate',
    known: `${known}; nothing was issued`,
    next: 'correct the runbook, or the request on the host, then retry',
  });
}

function checkWish({ names, days }: CertificateWish): void {
  if (!Number.isInteger(days) || days < 1 || days > mostDays)
    throw refused(`${days} days are not between 1 and ${mostDays}`);
  if (names.length === 0) throw refused('there is no name to issue it for');
  const wrong = names.find((name) => isIP(name) === 0 && !domainName.test(name));
  if (wrong !== undefined) throw refused(`"${wrong}" is neither a domain name nor an address`);
}

async function keyOf(pem: string): Promise<x509.PublicKey> {
  const request = read(() => new x509.Pkcs10CertificateRequest(pem), 'what the host sent is no certificate request');
  const proven = await request.verify().catch(() => false);
  if (!proven) throw refused('the signature of the request does not fit its key');
  const { type, bits, curve } = read(
    () => strengthOf(request.publicKey.rawData),
    'the key of the request cannot be read',
  );
  const strong = (type === 'ec' && curve === 'prime256v1') || (type === 'rsa' && bits >= 3072);
  if (!strong)
    throw refused(
      `the key of the request is ${type} ${curve || bits}; only P-256, or RSA of at least 3072 bits, is signed`,
    );
  return request.publicKey;
}

function read<T>(reading: () => T, problem: string): T {
  try {
    return reading();
  } catch (error) {
    throw Object.assign(refused(problem), { cause: error });
  }
}

/** The authority's key, after it has been seen to belong to its certificate. */
async function signingKey(authority: Authority, issuer: x509.X509Certificate): Promise<webcrypto.CryptoKey> {
  const problem = 'the key of the authority is no P-256 key that fits its certificate';
  const key = read(() => createPrivateKey(authority.key), problem);
  const der = key.export({ format: 'der', type: 'pkcs8' });
  const imported = await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']).catch(() => undefined);
  if (!imported) throw refused(problem);
  const sample = Buffer.from('belongs together');
  const signature = await webcrypto.subtle.sign(algorithm, imported, sample);
  const fits = await webcrypto.subtle.verify(
    algorithm,
    await issuer.publicKey.export(algorithm, ['verify']),
    signature,
    sample,
  );
  if (!fits) throw refused(problem);
  return imported;
}

/** The common name is for people; clients look at the alternative names. */
function subjectOf([first = '']: readonly string[]): x509.JsonName {
  return first.length <= longestCommonName ? [{ CN: [first] }] : [];
}

async function extensionsOf(
  key: x509.PublicKey,
  issuer: x509.X509Certificate,
  names: readonly string[],
): Promise<x509.Extension[]> {
  const alternative = names.map((name): x509.JsonGeneralName => ({
    type: isIP(name) === 0 ? 'dns' : 'ip',
    value: name,
  }));
  const nameless = subjectOf(names).length === 0;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(usagesOf(key), true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    new x509.SubjectAlternativeNameExtension(alternative, nameless),
    await x509.SubjectKeyIdentifierExtension.create(key),
    await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
  ];
}

/** RSA keys may also carry the key exchange of old TLS. */
function usagesOf(key: x509.PublicKey): x509.KeyUsageFlags {
  const rsa = strengthOf(key.rawData).type === 'rsa';
  return x509.KeyUsageFlags.digitalSignature | (rsa ? x509.KeyUsageFlags.keyEncipherment : 0);
}

function later(first: Date, second: Date): Date {
  return first > second ? first : second;
}
