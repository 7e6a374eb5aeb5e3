import { endOf, splice } from './yaml-set.js';
import {
  childOf,
  isBlock,
  isMap,
  lineEnd,
  pairOf,
  parseYaml,
  spanOf,
  YamlTextError,
  type Node,
  type YAMLMap,
} from './yaml-tree.js';

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The text without the member at `path`; as it is where there is none. Comments on lines of their own stay. */
export function removeFromYaml(text: string, path: readonly string[]): string {
  const names = [...path];
  const name = names.pop() ?? '';
  const root: unknown = parseYaml(text).contents;
  const parent = names.reduce<unknown>((node, segment) => (node ? childOf(node, segment) : undefined), root);
  if (!isMap(parent)) return text;
  const map = parent as YAMLMap<Node, Node | null>;
  const pair = pairOf(map, name);
  if (!pair) return text;
  const spans = map.items.map((one) => ({
    start: spanOf(one.key).start,
    end: Math.max(one.value?.range?.[1] ?? 0, spanOf(one.key).end),
  }));
  if (spans.length === 1) return emptied(text, map);
  const index = map.items.indexOf(pair);
  return isBlock(map) ? withoutLines(text, spans, index) : withoutPart(text, spans, index);
}

/** Removes whole lines. A first member may share its line with the dash of a list: then the next one moves up. */
function withoutLines(text: string, spans: readonly Span[], index: number): string {
  const [own, next] = [spans[index], spans[index + 1]];
  if (!own) return text;
  const line = text.lastIndexOf('\n', own.start - 1) + 1;
  if (/^[ ]*$/.test(text.slice(line, own.start))) return splice(text, line, lineEnd(text, own.end), '');
  if (!next) throw new YamlTextError('a value that was to go shares its line with another');
  return splice(text, own.start, next.start, '');
}

function withoutPart(text: string, spans: readonly Span[], index: number): string {
  const [before, own, next] = [spans[index - 1], spans[index], spans[index + 1]];
  if (own && next) return splice(text, own.start, next.start, '');
  return own && before ? splice(text, before.end, own.end, '') : text;
}

/** A map that has lost its only member stays there, empty. */
function emptied(text: string, map: YAMLMap<Node, Node | null>): string {
  const { start, end } = spanOf(map);
  if (!isBlock(map)) return splice(text, start, end, '{}');
  return splice(text, start, end, `{}${text[end - 1] === '\n' ? endOf(text) : ''}`);
}
