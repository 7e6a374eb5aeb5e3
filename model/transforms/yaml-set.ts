import type { Value } from '../value.js';
import { spell } from './yaml-scalar.js';
import {
  childOf,
  columnOf,
  isBlock,
  isMap,
  isScalar,
  isSeq,
  lineEnd,
  mustBeNoAlias,
  pairOf,
  parseYaml,
  spanOf,
  YamlTextError,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from './yaml-tree.js';

type Map = YAMLMap<Node, Node | null>;

/** The text with the value at `path` set, spelt in a way that fits its place; what holds the place must be there. */
export function putIntoYaml(text: string, path: readonly string[], value: Value): string {
  const names = [...path];
  const name = names.pop() ?? '';
  const parent = names.reduce<Node | null | undefined>((node, segment) => {
    const next = childOf(node, segment);
    if (!next) throw new YamlTextError(`there is nothing at "${segment}"`);
    return next;
  }, parseYaml(text).contents);
  mustBeNoAlias(parent);
  if (isMap(parent)) {
    const pair = pairOf(parent as Map, name);
    return pair ? replaced(text, pair, value) : withMember(text, parent as Map, name, value);
  }
  if (isSeq(parent)) {
    const item = childOf(parent, name);
    if (item) return replacedItem(text, item, value);
    if (name === '-') return withItem(text, parent as YAMLSeq<Node>, value);
  }
  if (!parent && names.length === 0) return `${withEnd(text)}${spell(name)}: ${spell(value)}\n`;
  throw new YamlTextError(`there is no place called "${name}"`);
}

/** The pair's value replaced: in its own place, or after the colon where it had none or filled lines of its own. */
function replaced(text: string, pair: Pair<Node, Node | null>, value: Value): string {
  const node = pair.value;
  if (node && !isBlock(node) && node.range && node.range[1] > node.range[0]) return replacedItem(text, node, value);
  const key = spanOf(pair.key);
  const colon = text.indexOf(':', key.end);
  if (colon < 0 || /\S/.test(text.slice(key.end, colon)))
    throw new YamlTextError('a key is spelt in a way that is not edited');
  if (!isBlock(node)) {
    mustBePlain(node);
    return splice(text, colon + 1, colon + 1, ` ${spell(value)}`);
  }
  mustBePlain(node);
  const { start, end } = spanOf(node);
  if (/\S/.test(text.slice(colon + 1, start)))
    throw new YamlTextError('what stands between a key and its value would be lost');
  return splice(text, colon + 1, end, ` ${spell(value)}${text[end - 1] === '\n' ? endOf(text) : ''}`);
}

function replacedItem(text: string, node: Node, value: Value): string {
  mustBePlain(node);
  const { start, end } = spanOf(node);
  if (isBlock(node)) return splice(text, start, end, spell(value) + (text[end - 1] === '\n' ? endOf(text) : ''));
  const type = isScalar(node) ? node.type : undefined;
  if (type === 'BLOCK_LITERAL' || type === 'BLOCK_FOLDED')
    return splice(text, start, end, spell(value) + (text[end - 1] === '\n' ? endOf(text) : ''));
  const quote = type === 'QUOTE_SINGLE' ? 'single' : type === 'QUOTE_DOUBLE' ? 'double' : 'plain';
  return splice(text, start, end, spell(value, quote));
}

/** What is named elsewhere, or says its type, means more than its value. */
function mustBePlain(node: Node | null | undefined): void {
  if (!node) return;
  mustBeNoAlias(node);
  if ('anchor' in node && node.anchor !== undefined)
    throw new YamlTextError('the value has an anchor, so that other places would change with it');
  if (node.tag !== undefined) throw new YamlTextError('the value has a tag');
}

/** A member after the last one: on a line of its own, indented as the first, or within the brackets. */
function withMember(text: string, map: Map, name: string, value: Value): string {
  const last = map.items.at(-1);
  if (!isBlock(map)) {
    const member = `${JSON.stringify(name)}: ${spell(value)}`;
    if (!last) return splice(text, spanOf(map).start + 1, spanOf(map).start + 1, member);
    const end = spanOf(last.value ?? last.key).end;
    return splice(text, end, end, `, ${member}`);
  }
  return withLine(text, map, `${spell(name)}: ${spell(value)}`);
}

function withItem(text: string, list: YAMLSeq<Node>, value: Value): string {
  const last = list.items.at(-1);
  if (isBlock(list)) return withLine(text, list, `- ${spell(value)}`);
  if (!last) return splice(text, spanOf(list).start + 1, spanOf(list).start + 1, spell(value));
  return splice(text, spanOf(last).end, spanOf(last).end, `, ${spell(value)}`);
}

/** A line after all that belongs to a block, indented as its first line is. */
function withLine(text: string, block: Map | YAMLSeq<Node>, line: string): string {
  const at = lineEnd(text, deepEnd(block));
  const indent = ' '.repeat(columnOf(text, spanOf(block).start));
  const before = withEnd(text.slice(0, at), endOf(text));
  const open = at === text.length && !text.endsWith('\n');
  return `${before}${indent}${line}${open ? '' : endOf(text)}${text.slice(at)}`;
}

/** The end of the last value within a block. */
function deepEnd(node: Node): number {
  if (isMap(node) && node.flow !== true) {
    const last = node.items.at(-1) as Pair<Node, Node | null> | undefined;
    if (last) return last.value ? deepEnd(last.value) : spanOf(last.key).end;
  }
  if (isSeq(node) && node.flow !== true) {
    const last = node.items.at(-1) as Node | undefined;
    if (last) return deepEnd(last);
  }
  return spanOf(node).end;
}

export const splice = (text: string, start: number, end: number, by: string): string =>
  text.slice(0, start) + by + text.slice(end);

/** How the text ends its lines. */
export function endOf(text: string): string {
  return /\r?\n/.exec(text)?.[0] ?? '\n';
}

function withEnd(text: string, end = '\n'): string {
  return text === '' || text.endsWith('\n') ? text : text + end;
}
