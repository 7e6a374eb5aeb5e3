/** No quotes, spaces, or signs that a shell, a URL, a configuration file or JSON reads specially; nothing to confuse. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';

/** Shorter ones could neither be masked nor trusted. */
export const shortestSecret = 12;

/**
 * A secret made at random, every character equally likely: 5.8 bits each, so 186 bits for 32.
 *
 * @param length - characters
 * @param pick - a whole number from 0 up to, not including, its argument, from a source fit for keys
 * @throws RangeError below {@link shortestSecret}
 */
export function secretText(length: number, pick: (below: number) => number): string {
  if (length < shortestSecret) throw new RangeError(`a generated secret has at least ${shortestSecret} characters`);
  return Array.from({ length }, () => alphabet[pick(alphabet.length)]).join('');
}
