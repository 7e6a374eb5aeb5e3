import canonicalize from 'canonicalize';
import { RE2JS } from 're2js';
import { didYouMean } from '../did-you-mean.js';
import type { Value } from '../value.js';
import { accept, refuse, type Accepted, type Mistake, type Origin } from './accept.js';
import { prototypeNames, valueLimits, type ListType, type MapType } from './value-type.js';

/** Takes a list: a list, JSON text of one, or one entry as text. */
export function acceptList(type: ListType, entered: unknown, origin: Origin): Accepted {
  const list = origin === 'input' && typeof entered === 'string' ? listFrom(entered) : entered;
  if (list === undefined)
    return refuse('this is no JSON list', 'write it as ["a","b"], or give the input once for each entry');
  if (!Array.isArray(list)) return refuse('it must be a list', '');
  const wrong = sizeTrouble(list.length, type, 'entries');
  if (wrong !== undefined) return refuse(wrong, '');
  const taken = list.map((item: unknown, index) => [index, accept(type.of, item, origin)] as const);
  const mistakes = taken.flatMap(([index, accepted]) => mistakesBelow(index, accepted));
  if (mistakes.length > 0) return { mistakes };
  const value = taken.flatMap(([, accepted]) => ('value' in accepted ? [accepted.value] : []));
  const twice = type.unique === true ? secondOf(value) : undefined;
  if (twice === undefined) return { value };
  return { mistakes: [{ path: [twice], problem: 'it is there twice', advice: 'take one of the two out' }] };
}

/** Takes a map, or JSON text of one. */
export function acceptMap(type: MapType, entered: unknown, origin: Origin): Accepted {
  const map = origin === 'input' && typeof entered === 'string' ? json(entered) : entered;
  if (typeof map !== 'object' || map === null || Array.isArray(map))
    return refuse('it must be a map', origin === 'input' ? 'write it as {"key": "value"}' : '');
  const names = Object.keys(map).filter((name) => prototypeNames.includes(name));
  if (names.length > 0)
    return { mistakes: names.map((name) => ({ path: [name], problem: 'no key may be called so', advice: '' })) };
  return type.fields === undefined ? acceptOpen(type, map, origin) : acceptRecord(type.fields, map, origin);
}

function acceptOpen(type: MapType, map: object, origin: Origin): Accepted {
  const entries = Object.entries(map);
  const wrong = sizeTrouble(entries.length, type, 'entries');
  if (wrong !== undefined) return refuse(wrong, '');
  const mistakes: Mistake[] = [];
  const value: Record<string, Value> = {};
  for (const [key, item] of entries) {
    const trouble = keyTrouble(key, type.keys);
    if (trouble !== undefined) mistakes.push({ path: [key], problem: trouble, advice: '' });
    const accepted = type.of === undefined ? refuse('it has no type', '') : accept(type.of, item, origin);
    mistakes.push(...mistakesBelow(key, accepted));
    if ('value' in accepted) value[key] = accepted.value;
  }
  return mistakes.length > 0 ? { mistakes } : { value };
}

function keyTrouble(key: string, pattern: string | undefined): string | undefined {
  if (key === '' || key.length > 200 || /[\0\p{Surrogate}]/u.test(key)) return 'a key has 1 to 200 characters';
  return pattern === undefined || RE2JS.matches(pattern, key) ? undefined : `this key does not match ${pattern}`;
}

function acceptRecord(fields: NonNullable<MapType['fields']>, map: object, origin: Origin): Accepted {
  const mistakes: Mistake[] = [];
  const value: Record<string, Value> = {};
  const unknown = Object.keys(map).filter((name) => !Object.hasOwn(fields, name));
  if (origin === 'input')
    for (const name of unknown)
      mistakes.push({ path: [name], problem: 'there is no such field', advice: didYouMean(name, Object.keys(fields)) });
  for (const [name, field] of Object.entries(fields)) {
    const given: unknown = Object.hasOwn(map, name) ? (map as Record<string, unknown>)[name] : undefined;
    const item = given ?? field.default;
    if (item === undefined || item === null) {
      if (field.required !== false)
        mistakes.push({ path: [name], problem: 'a value is needed', advice: field.help ?? '' });
      continue;
    }
    const accepted = accept(field, item, origin);
    mistakes.push(...mistakesBelow(name, accepted));
    if ('value' in accepted) value[name] = accepted.value;
  }
  return mistakes.length > 0 ? { mistakes } : { value };
}

function mistakesBelow(name: string | number, accepted: Accepted): Mistake[] {
  return 'value' in accepted ? [] : accepted.mistakes.map((mistake) => ({ ...mistake, path: [name, ...mistake.path] }));
}

function sizeTrouble(
  count: number,
  { min = 0, max = valueLimits.entries }: { readonly min?: number | undefined; readonly max?: number | undefined },
  what: string,
): string | undefined {
  if (count < min) return `it must have at least ${min} ${what}`;
  return count > max ? `it must have at most ${max} ${what}` : undefined;
}

/** The position of the first entry that was there before. */
function secondOf(list: readonly Value[]): number | undefined {
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const text = canonicalize(item) ?? '';
    if (seen.has(text)) return index;
    seen.add(text);
  }
  return undefined;
}

/** A list from a command line: JSON where it looks so, nothing for an empty text, else its only entry. */
function listFrom(text: string): unknown {
  if (text.trim() === '') return [];
  return text.trimStart().startsWith('[') ? json(text) : [text];
}

function json(text: string): unknown {
  try {
    return JSON.parse(text.slice(0, valueLimits.length));
  } catch {
    return undefined;
  }
}
