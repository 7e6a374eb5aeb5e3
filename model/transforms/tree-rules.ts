import type { Value } from '../value.js';

/** A place in a tree and what shall be there: a text, a JSON value in its text, or what only the run knew, in its own type. */
export type TreeSet = { readonly pointer: string } & (
  { readonly text: string } | { readonly json: string } | { readonly value: Value }
);

/** What a file that is a tree of values shall hold, by JSON pointers (RFC 6901). */
export interface TreeRules {
  readonly set: readonly TreeSet[];
  readonly unset: readonly string[];
}

/** Why no item is removed by its place. */
export const byNumber =
  'an item of a list cannot be removed by its number, which would be that of another one the next time; set the list';

export function valueOf(set: TreeSet): Value {
  if ('value' in set) return set.value;
  return 'text' in set ? set.text : (JSON.parse(set.json) as Value);
}

/** Whether two values are the same; the order of keys does not count. */
export function sameValue(one: Value, other: Value): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return Object.is(one, other);
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const [left, right] = [Object.entries(one), new Map(Object.entries(other as object))];
  return (
    left.length === right.size &&
    left.every(([name, value]) => right.has(name) && sameValue(value as Value, right.get(name) as Value))
  );
}

/** The segments of a pointer, unescaped. */
export function segmentsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * Applies `edit` to a file's text, and leaves a byte order mark where it is.
 * @throws Error where the bytes are no UTF-8
 */
export function asText(content: Uint8Array, edit: (text: string) => string): Uint8Array {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new Error('the file is not UTF-8');
  }
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  return new TextEncoder().encode(mark + edit(text.slice(mark.length)));
}
