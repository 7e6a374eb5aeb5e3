import type { Value } from '../value.js';
import { JsonTextError, parseJson, type JsonNode, type Member } from './json-tree.js';

/** The segment that goes into JSON text inside a string. No RFC 6901 pointer can hold it, so no key is in its way. */
const inside = '~json';

/** A stretch of a text, and what shall stand there. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Whether `pointer` is a JSON pointer (RFC 6901), with `~json` allowed as a segment. */
export function isPointer(pointer: string): boolean {
  return /^(?:\/(?:~json(?=\/|$)|(?:[^~/]|~[01])*))*$/.test(pointer);
}

/**
 * The value at `pointer`; undefined where there is none.
 * @throws JsonTextError for text that is not JSON, and for a number that would lose digits
 */
export function readPointer(text: string, pointer: string): Value | undefined {
  const found = descend(text, segments(pointer));
  return found && plain(found.text, found.node);
}

/**
 * The JSON text with each value set, in order; all else keeps its bytes, and a value that is already so keeps its
 * own spelling. The last segment may name a member that is not there yet, or `-` to have an array hold the value: it is
 * appended where no item says the same.
 * @throws JsonTextError where the text is not JSON or the way to a value does not exist
 */
export function setInJson(text: string, sets: readonly { readonly pointer: string; readonly value: Value }[]): string {
  return sets.reduce((now, { pointer, value }) => {
    const splice = spliceFor(now, segments(pointer), value, pointer);
    return splice ? now.slice(0, splice.start) + splice.text + now.slice(splice.end) : now;
  }, text);
}

/**
 * The JSON text as it may be shown: `"***"` stands for the values at `pointers` and for those whose names speak of a
 * secret, also inside strings that hold JSON. Text that is not JSON is `***` as a whole.
 */
export function maskJson(text: string, pointers: readonly string[] = []): string {
  try {
    const hidden = pointers.filter((pointer) => descend(text, segments(pointer)) !== undefined);
    return maskNamed(
      setInJson(
        text,
        hidden.map((pointer) => ({ pointer, value: '***' })),
      ),
    );
  } catch (error) {
    if (error instanceof JsonTextError) return '***';
    throw error;
  }
}

function segments(pointer: string): string[] {
  if (!isPointer(pointer)) throw new JsonTextError(`${pointer} is not a JSON pointer`);
  return pointer.split('/').slice(1);
}

const unescaped = (segment: string): string => segment.replaceAll('~1', '/').replaceAll('~0', '~');

interface Found {
  readonly text: string;
  readonly node: JsonNode;
}

function descend(text: string, path: readonly string[], from?: JsonNode): Found | undefined {
  const node = from ?? parseJson(text);
  const [segment, ...rest] = path;
  if (segment === undefined) return { text, node };
  if (segment === inside) return node.type === 'string' ? descend(node.value, rest) : undefined;
  const next = child(node, unescaped(segment));
  return next && descend(text, rest, next);
}

function child(node: JsonNode, name: string): JsonNode | undefined {
  if (node.type === 'object') return node.members.find((member) => member.name === name)?.value;
  if (node.type === 'array' && /^(?:0|[1-9]\d*)$/.test(name)) return node.items[Number(name)];
  return undefined;
}

/** What to replace in `text` so that the value at `path` is `value`; undefined where it is so already. */
function spliceFor(
  text: string,
  path: readonly string[],
  value: Value,
  pointer: string,
  from?: JsonNode,
): Splice | undefined {
  const node = from ?? parseJson(text);
  const [segment, ...rest] = path;
  if (segment === undefined)
    return same(text, node, value) ? undefined : { start: node.start, end: node.end, text: JSON.stringify(value) };
  if (segment === inside) return insideString(text, node, rest, value, pointer);
  const next = child(node, unescaped(segment));
  if (next) return spliceFor(text, rest, value, pointer, next);
  if (rest.length > 0) throw new JsonTextError(`${pointer}: there is nothing at "${segment}"`);
  return addition(text, node, unescaped(segment), value, pointer);
}

/** The same splice, in the text around the string, with the new part escaped and the rest as it was spelt. */
function insideString(
  text: string,
  node: JsonNode,
  path: readonly string[],
  value: Value,
  pointer: string,
): Splice | undefined {
  if (node.type !== 'string') throw new JsonTextError(`${pointer}: what ${inside} goes into is not a string`);
  const splice = spliceFor(node.value, path, value, pointer);
  if (!splice) return undefined;
  const places = rawPlaces(text, node);
  const place = (offset: number): number => places[offset] ?? node.end - 1;
  return { start: place(splice.start), end: place(splice.end), text: JSON.stringify(splice.text).slice(1, -1) };
}

/** For each character of a string's value, where its spelling begins in the text. */
function rawPlaces(text: string, node: JsonNode): number[] {
  const places: number[] = [];
  for (let at = node.start + 1; at < node.end - 1;) {
    places.push(at);
    at += text[at] !== '\\' ? 1 : text[at + 1] === 'u' ? 6 : 2;
  }
  return places;
}

function addition(text: string, node: JsonNode, name: string, value: Value, pointer: string): Splice | undefined {
  if (node.type === 'object') return added(node.start, node.members.at(-1), text, `${JSON.stringify(name)}`, value);
  if (node.type !== 'array' || name !== '-') throw new JsonTextError(`${pointer}: there is no place called "${name}"`);
  if (node.items.some((item) => same(text, item, value))) return undefined;
  const last = node.items.at(-1);
  return last
    ? { start: last.end, end: last.end, text: `,${gapBefore(text, last.start)}${JSON.stringify(value)}` }
    : at(node.start + 1, JSON.stringify(value));
}

/** A member after the last one, laid out as that one is. */
function added(start: number, last: Member | undefined, text: string, name: string, value: Value): Splice {
  if (!last) return at(start + 1, `${name}:${JSON.stringify(value)}`);
  const colon = text.slice(last.nameEnd, last.value.start);
  return at(last.value.end, `,${gapBefore(text, last.nameStart)}${name}${colon}${JSON.stringify(value)}`);
}

const at = (start: number, text: string): Splice => ({ start, end: start, text });

function gapBefore(text: string, end: number): string {
  return /[ \t\n\r]*$/.exec(text.slice(0, end))?.[0] ?? '';
}

/** A node as a plain value. */
function plain(text: string, node: JsonNode): Value {
  if (node.type === 'object')
    return Object.fromEntries(node.members.map(({ name, value }) => [name, plain(text, value)]));
  if (node.type === 'array') return node.items.map((item) => plain(text, item));
  if (node.type === 'string') return node.value;
  const raw = text.slice(node.start, node.end);
  if (node.type === 'number' && !keepsDigits(raw))
    throw new JsonTextError('the JSON text holds a number with more digits than can be kept', node.start);
  return JSON.parse(raw) as Value;
}

/** Whether reading a number and writing it again keeps its value. */
function keepsDigits(raw: string): boolean {
  return !/^-?\d+$/.test(raw) || Number.isSafeInteger(Number(raw));
}

/** Whether the text at `node` says `value`, whatever its spelling. The order of keys does not count. */
function same(text: string, node: JsonNode, value: Value): boolean {
  if (node.type === 'string') return node.value === value;
  if (node.type === 'array') return Array.isArray(value) && sameItems(text, node.items, value as readonly Value[]);
  if (node.type === 'object') return sameMembers(text, node.members, value);
  const raw = text.slice(node.start, node.end);
  return keepsDigits(raw) && JSON.parse(raw) === value;
}

function sameItems(text: string, items: readonly JsonNode[], value: readonly Value[]): boolean {
  return items.length === value.length && items.every((item, index) => same(text, item, value[index] as Value));
}

function sameMembers(text: string, members: readonly Member[], value: Value): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const wanted = new Map(Object.entries(value));
  return (
    members.length === wanted.size &&
    members.every((one) => wanted.has(one.name) && same(text, one.value, wanted.get(one.name) as Value))
  );
}

const speaksOfASecret =
  /pass(?:word|wd|phrase)?$|secret|credential|token$|(?:private|api|access|secret)_?key$|salt$|pin$/i;

/** Masks by name, and goes into strings that hold JSON objects or arrays. */
function maskNamed(text: string): string {
  const splices: Splice[] = [];
  walk(parseJson(text), (node, name) => {
    if (name !== undefined && speaksOfASecret.test(name))
      return void splices.push({ start: node.start, end: node.end, text: '"***"' });
    if (node.type === 'string' && /^\s*[[{]/.test(node.value))
      splices.push({ start: node.start, end: node.end, text: JSON.stringify(maskJson(node.value)) });
  });
  return splices.reduceRight((now, splice) => now.slice(0, splice.start) + splice.text + now.slice(splice.end), text);
}

/** Visits the values of a tree that stand for themselves; a named one that is masked is not entered. */
function walk(node: JsonNode, visit: (node: JsonNode, name?: string) => void, name?: string): void {
  const hidden = name !== undefined && speaksOfASecret.test(name);
  if (hidden || node.type === 'string') return visit(node, name);
  if (node.type === 'object') for (const member of node.members) walk(member.value, visit, member.name);
  if (node.type === 'array') for (const item of node.items) walk(item, visit);
}
