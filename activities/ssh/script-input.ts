import { createHash } from 'node:crypto';
import type { Script } from '../../model/operation.js';
import { bytesOf, type Filler } from './needs.js';

/** What a script reads on standard input. */
export interface ScriptInput {
  readonly bytes: Uint8Array;
  /** Whether a secret has been filled in. */
  readonly secret: boolean;
}

/** Bytes of inputs that are kept, and how many of them. All hosts of a wave share one, so few are needed at a time. */
const keptAtMost = { bytes: 64 * 1024 ** 2, inputs: 256 };

/** Those that are the same for every task, by their script in the plan; the one that was not asked for longest is first. */
const shared = new Map<Script, ScriptInput>();
let sharedBytes = 0;

/** Those that were filled in for one task, for as long as its filler is there: what holds a secret lives no longer. */
const filled = new WeakMap<Filler, Map<Script, ScriptInput>>();

const digests = new WeakMap<Uint8Array, string>();

/** What `script` reads for the task of `filler`; decoded and filled in once, however often it is asked for. */
export function inputOf(script: Script, filler: Filler): ScriptInput {
  const { stdin } = script;
  if (stdin === undefined) return none;
  if (typeof stdin === 'string') return sharedInput(script, () => Buffer.from(stdin, 'utf8'));
  if ('base64' in stdin) return sharedInput(script, () => bytesOf(stdin));
  const own = filled.get(filler) ?? new Map<Script, ScriptInput>();
  filled.set(filler, own);
  const known = own.get(script);
  if (known) return known;
  const { value, secret } = filler.fill(stdin);
  const input = { bytes: Buffer.from(value, 'utf8'), secret };
  own.set(script, input);
  return input;
}

/** SHA-256 in hexadecimal, computed once for these bytes; nobody may change them afterwards. */
export function sha256Of(bytes: Uint8Array): string {
  const known = digests.get(bytes);
  if (known !== undefined) return known;
  const digest = createHash('sha256').update(bytes).digest('hex');
  digests.set(bytes, digest);
  return digest;
}

const none: ScriptInput = { bytes: new Uint8Array(), secret: false };

function sharedInput(script: Script, make: () => Uint8Array): ScriptInput {
  const known = shared.get(script);
  const input = known ?? { bytes: make(), secret: false };
  shared.delete(script);
  shared.set(script, input);
  if (!known) sharedBytes += input.bytes.length;
  for (const [oldest, { bytes }] of shared) {
    if (sharedBytes <= keptAtMost.bytes && shared.size <= keptAtMost.inputs) break;
    shared.delete(oldest);
    sharedBytes -= bytes.length;
  }
  return input;
}
