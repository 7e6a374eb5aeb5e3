import { randomInt } from 'node:crypto';

/** No quotes, spaces, or signs that a shell, a URL, a configuration file or JSON reads specially; nothing to confuse. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';

/** Shorter ones could neither be masked nor trusted. */
const shortestGenerated = 12;

/**
 * A random text, every character equally likely: 5.8 bits each, so 186 bits for 32.
 *
 * @throws RangeError below {@link shortestGenerated}
 */
export function generateText(length: number): string {
  if (length < shortestGenerated)
    throw new RangeError(`a generated secret has at least ${shortestGenerated} characters`);
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
