import { Unstorable } from './refusals.js';

/** U+FFFD, which stands for what could not be kept. */
const replacement = '\uFFFD';

/** Text as Postgres can keep it: no NUL character, no half of a surrogate pair. What hosts print may hold both. */
export function storableText(text: string): string {
  return text.replace(/[\0\p{Surrogate}]/gu, replacement);
}

/** A value as JSON text that Postgres can keep as `jsonb`. */
export function json(value: unknown): string {
  return JSON.stringify(value, (_name, item: unknown) => {
    if (typeof item === 'string') return storableText(item);
    return isPlain(item)
      ? Object.fromEntries(Object.entries(item).map(([name, one]) => [storableText(name), one]))
      : item;
  });
}

function isPlain(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}

/**
 * As {@link json}, for what was hashed before and must be kept as it is.
 *
 * @throws Unstorable
 */
export function exactJson(value: unknown, called: string): string {
  const text = JSON.stringify(value);
  if (json(value) !== text) throw new Unstorable(called);
  return text;
}
