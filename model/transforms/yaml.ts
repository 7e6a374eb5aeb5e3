import type { Value } from '../value.js';
import { asText, byNumber, sameValue, segmentsOf, valueOf, type TreeRules } from './tree-rules.js';
import { removeFromYaml } from './yaml-remove.js';
import { putIntoYaml } from './yaml-set.js';
import { parseYaml, YamlTextError } from './yaml-tree.js';

/**
 * Sets and removes values of a YAML file; comments, layout and every other byte stay. After each change the text is
 * read again: it must say what was asked and nothing else, or nothing is changed.
 * @throws YamlTextError where the file is not YAML, has no place for a value, or spells the place in a way that
 * cannot be edited without touching more
 */
export function setYaml(content: Uint8Array, rules: TreeRules): Uint8Array {
  return asText(content, (text) => {
    let now = text;
    for (const pointer of rules.unset) now = removed(now, segmentsOf(pointer));
    for (const one of rules.set) now = set(now, segmentsOf(one.pointer), valueOf(one));
    return now;
  });
}

function set(text: string, path: readonly string[], value: Value): string {
  const before = readYaml(text);
  const wanted = changed(before, path, value);
  if (sameValue(before, wanted)) return text;
  return proven(putIntoYaml(text, path, value), wanted);
}

function removed(text: string, path: readonly string[]): string {
  const before = readYaml(text);
  const wanted = changed(before, path, undefined);
  return sameValue(before, wanted) ? text : proven(removeFromYaml(text, path), wanted);
}

function proven(text: string, wanted: Value): string {
  if (sameValue(readYaml(text), wanted)) return text;
  throw new YamlTextError('the place is spelt in a way that cannot be edited; use a `file` step');
}

/** What the text says, aliases followed. */
function readYaml(text: string): Value {
  const document = parseYaml(text);
  try {
    return document.toJS({ maxAliasCount: 1000 }) as Value;
  } catch {
    throw new YamlTextError('the file has an alias without its anchor, or too many of them');
  }
}

/** A copy of `node` with the place at `path` set, or gone where `value` is undefined. A way that is not there ends it. */
function changed(node: Value, path: readonly string[], value: Value | undefined): Value {
  const [segment = '', ...rest] = path;
  if (Array.isArray(node)) return changedList(node as readonly Value[], segment, rest, value);
  const members = node === null && rest.length === 0 && value !== undefined ? {} : node;
  if (typeof members !== 'object' || members === null) return members;
  const entries = new Map(Object.entries(members));
  const now = entries.get(segment);
  if (rest.length > 0) {
    if (now !== undefined) entries.set(segment, changed(now, rest, value));
    else if (value !== undefined) throw new YamlTextError(`there is nothing at "${segment}"`);
  } else if (value === undefined) entries.delete(segment);
  else entries.set(segment, value);
  return Object.fromEntries(entries);
}

function changedList(
  list: readonly Value[],
  segment: string,
  rest: readonly string[],
  value: Value | undefined,
): Value {
  if (segment === '-' && rest.length === 0 && value !== undefined)
    return list.some((item) => sameValue(item, value)) ? list : [...list, value];
  const index = /^(?:0|[1-9]\d*)$/.test(segment) ? Number(segment) : list.length;
  if (index >= list.length && value === undefined) return list;
  if (index >= list.length) throw new YamlTextError(`there is no place called "${segment}"`);
  if (rest.length === 0 && value === undefined) throw new YamlTextError(byNumber);
  return list.map((item, at) => (at !== index ? item : rest.length > 0 ? changed(item, rest, value) : (value ?? null)));
}
