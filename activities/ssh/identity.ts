import { createHash } from 'node:crypto';
import type { Destination } from './session.js';

/**
 * Same host, way, user, pins and key, same connection: none is reused for a plan that trusts or presents another key.
 * It holds digests of keys, never keys.
 */
export function identity({ key, jump, ...rest }: Destination): string {
  return JSON.stringify([rest, login(key), jump ? identity(jump) : null], sorted);
}

function login(key: Destination['key']): string {
  if ('agent' in key) return `agent ${key.agent}`;
  if ('unusable' in key) return 'unusable';
  if ('password' in key) return `password ${digest(Buffer.from(key.password))}`;
  return `key ${digest(key.privateKey)}`;
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The order in which somebody wrote an object down makes no other host of it. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
