import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';

export { isMap, isScalar, isSeq };
export type { Node, Pair, YAMLMap, YAMLSeq };

/** YAML that cannot be read, or not be edited at the place that is asked for; its message never holds a value. */
export class YamlTextError extends Error {
  override readonly name = 'YamlTextError';
}

/**
 * One YAML document with the place of everything in its text.
 * @throws YamlTextError for text that is not YAML, has several documents, or has a key twice
 */
export function parseYaml(text: string): Document.Parsed {
  const document = parseDocument(text, { keepSourceTokens: true, prettyErrors: false, logLevel: 'error' });
  const [error] = document.errors;
  if (!error) return document;
  if (error.code === 'MULTIPLE_DOCS')
    throw new YamlTextError('the file holds several YAML documents; it must hold one');
  const line = text.slice(0, error.pos[0]).split('\n').length;
  throw new YamlTextError(`the file is not YAML: ${error.code} in line ${line}`);
}

/** Where a node's own text begins, and where it ends: without the comment and the line's end behind it. */
export function spanOf(node: Node): { readonly start: number; readonly end: number } {
  if (!node.range) throw new YamlTextError('a value has no place in the text');
  return { start: node.range[0], end: node.range[1] };
}

/** Whether a map or a list is written in lines, not in brackets. */
export function isBlock(node: unknown): node is YAMLMap<Node, Node | null> | YAMLSeq<Node> {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

/** The pair of a key; only keys that are scalars are found. */
export function pairOf(map: YAMLMap<Node, Node | null>, name: string): Pair<Node, Node | null> | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === name);
}

/** An alias is not followed: what it stands for has its text elsewhere. */
export function mustBeNoAlias(node: unknown): void {
  if (isAlias(node)) throw new YamlTextError('the place is an alias, or inside one; name the place that it stands for');
}

/** The node below `node`; undefined where there is none. */
export function childOf(node: unknown, segment: string): Node | undefined {
  mustBeNoAlias(node);
  if (isMap(node)) return pairOf(node as YAMLMap<Node, Node | null>, segment)?.value ?? undefined;
  if (!isSeq(node)) return undefined;
  const item = /^(?:0|[1-9]\d*)$/.test(segment) ? node.items[Number(segment)] : undefined;
  return isPair(item) ? undefined : (item as Node | undefined);
}

/** How many characters stand before `at` in its line. */
export function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf('\n', at - 1) + 1);
}

/** The offset after the end of the line that `at` is in; `at` itself where it begins a line. */
export function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === '\n') return at;
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end + 1;
}
