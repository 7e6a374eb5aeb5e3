import canonicalize from 'canonicalize';
import type { Plan } from '../plan.js';

/** Hex SHA-256, handed in because the model has no Node built-ins. */
export type Sha256 = (bytes: Uint8Array) => string;

const encoder = new TextEncoder();

/** The hash that an approval names: SHA-256 over the plan's canonical JSON (RFC 8785). */
export function planHash(plan: Plan, sha256: Sha256): string {
  return sha256(canonicalBytes(plan));
}

/** UTF-8 of the canonical JSON (RFC 8785) of a plain value. */
function canonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(canonicalText(value));
}

/** Canonical JSON (RFC 8785): equal values give equal texts. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only plain JSON values have a canonical form');
  return text;
}

/**
 * The immutable name of what a runbook says: SHA-256 over the document's canonical form and the digests of the
 * files beside it that its steps read, by name. Comments and layout do not count.
 */
export function revisionOf(document: unknown, files: ReadonlyMap<string, Uint8Array>, sha256: Sha256): string {
  const digests = Object.fromEntries([...files].map(([name, bytes]) => [name, sha256(bytes)]));
  return sha256(canonicalBytes({ document, files: digests }));
}
