import { createPrivateKey, createPublicKey, randomBytes, webcrypto, type KeyObject } from 'node:crypto';

const day = 86_400_000;

/** Clocks of hosts may be a little behind ours. */
const clockSkew = 5 * 60_000;

export function backdated(now: Date): Date {
  return wholeSeconds(now.getTime() - clockSkew);
}

/** @param days - of 24 hours */
export function daysLater(now: Date, days: number): Date {
  return wholeSeconds(now.getTime() + days * day);
}

/** Certificates know no fractions of seconds. */
function wholeSeconds(milliseconds: number): Date {
  return new Date(Math.floor(milliseconds / 1000) * 1000);
}

/** 127 random bits after a 1, so that it is positive, never 0, and always 16 bytes (RFC 5280 allows 20). Hexadecimal. */
export function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

/** PKCS#8, PEM. */
export async function keyPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ format: 'pem', type: 'pkcs8' })
    .toString();
}

/** What kind of key a public key is, as far as its strength goes. */
export function strengthOf(spki: ArrayBuffer): {
  readonly type: string;
  readonly bits: number;
  readonly curve: string;
} {
  const key: KeyObject = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  return { type: key.asymmetricKeyType ?? '', bits: modulusLength, curve: namedCurve };
}
