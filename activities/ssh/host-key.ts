import { createHash, timingSafeEqual } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';

/** What a host proved to be, as far as the handshake got. */
export interface SeenKey {
  type?: string;
  fingerprint?: string;
  /** The key itself, base64. */
  wire?: string;
  accepted?: boolean;
}

type Verify = (key: Buffer, decide: (accepted: boolean) => void) => void;

/**
 * The form of verifier that ssh2 cannot take for a yes: two arguments, no returned value, and an explicit `false` for
 * all but `true` itself. ssh2 accepts a returned promise, and every key where it has no verifier at all.
 */
export function verifier(accepts: (key: Buffer) => unknown): Verify {
  return (key, decide) => {
    decide(surely(accepts, key));
  };
}

function surely(accepts: (key: Buffer) => unknown, key: Buffer): boolean {
  try {
    return accepts(key) === true;
  } catch {
    return false;
  }
}

/** Whether a key is one of those pinned, compared as bytes; `seen` learns what was offered. */
export function pinned(hostKeys: readonly string[], seen: SeenKey): (key: Buffer) => boolean {
  const known = hostKeys.map(keyBytes);
  return (key) => {
    seen.type = typeOf(key);
    seen.fingerprint = fingerprint(key);
    seen.wire = key.toString('base64');
    seen.accepted = known.filter((one) => one.length === key.length && timingSafeEqual(one, key)).length > 0;
    return seen.accepted;
  };
}

/** As OpenSSH prints it: `SHA256:` and base64 without padding. */
export function fingerprint(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function keyBytes(hostKey: string): Buffer {
  return Buffer.from(hostKey.trim().split(/\s+/)[1] ?? '', 'base64');
}

/** The type that a key in wire form names itself. */
function typeOf(key: Buffer): string {
  const length = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return key.subarray(4, 4 + Math.min(length, 64)).toString('latin1');
}

/** How a key of each type may be used, best type first. */
export const algorithmsOf: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/**
 * What is pinned comes first, or a host with keys of several types looks changed; the others follow, so that a host
 * that lost its pinned key is reported with the key it has. SHA-1 is never offered.
 */
export function hostKeyOrder(hostKeys: readonly string[]): ServerHostKeyAlgorithm[] {
  const types = new Set(hostKeys.map((key) => key.trim().split(/\s+/)[0] ?? ''));
  const all = Object.entries(algorithmsOf);
  const first = all.filter(([type]) => types.has(type));
  const rest = all.filter(([type]) => !types.has(type));
  return [...first, ...rest].flatMap(([, algorithms]) => algorithms);
}
