import { Problem } from './problem.js';

/** The first line of every age file (age-encryption.org/v1). */
const header = Buffer.from('age-encryption.org/v1\n');

/**
 * The bytes of a sealed value. One that nobody sealed is refused, so that a secret cannot be stored in clear by
 * mistake.
 *
 * @throws Problem `request/invalid`
 */
export function sealedBytes(base64: string, at = '/sealed'): Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.subarray(0, header.length).equals(header)) return bytes;
  throw new Problem('request/invalid', 'the value is not sealed; the command line seals it', [
    { pointer: at, detail: 'must be an age file in base64' },
  ]);
}
