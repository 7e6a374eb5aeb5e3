import { setInJson } from './json-text.js';
import { JsonTextError, parseJson, type JsonNode } from './json-tree.js';
import { asText, byNumber, segmentsOf, valueOf, type TreeRules } from './tree-rules.js';

/**
 * Sets and removes values of a JSON file; all else keeps its bytes. What is to be removed and is not there is well.
 * @throws JsonTextError where the file is no JSON, has comments, or has no place for a value
 */
export function setJson(content: Uint8Array, rules: TreeRules): Uint8Array {
  return asText(content, (text) => {
    const fewer = rules.unset.reduce(removeFromJson, text);
    return setInJson(
      fewer,
      rules.set.map((one) => ({ pointer: one.pointer, value: valueOf(one) })),
    );
  });
}

/** The text without the member at `pointer`, and without the comma that parted it from its neighbours. */
function removeFromJson(text: string, pointer: string): string {
  const path = segmentsOf(pointer);
  const name = path.pop() ?? '';
  const parent = path.reduce<JsonNode | undefined>((node, segment) => node && child(node, segment), parseJson(text));
  const spans = parent ? spansOf(parent) : [];
  if (parent?.type === 'array' && parent.items[indexIn(name)]) throw new JsonTextError(byNumber);
  const index = spans.findIndex((span) => span.name === name);
  const own = spans[index];
  if (!own) return text;
  const next = spans[index + 1];
  const before = spans[index - 1];
  if (next) return text.slice(0, own.start) + text.slice(next.start);
  if (before) return text.slice(0, before.end) + text.slice(own.end);
  return text.slice(0, (parent?.start ?? 0) + 1) + text.slice((parent?.end ?? 0) - 1);
}

function indexIn(segment: string): number {
  return /^(?:0|[1-9]\d*)$/.test(segment) ? Number(segment) : -1;
}

function child(node: JsonNode, segment: string): JsonNode | undefined {
  if (node.type === 'object') return node.members.find((member) => member.name === segment)?.value;
  return node.type === 'array' ? node.items[indexIn(segment)] : undefined;
}

interface Span {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

function spansOf(node: JsonNode): Span[] {
  if (node.type !== 'object') return [];
  return node.members.map(({ name, nameStart, value }) => ({ name, start: nameStart, end: value.end }));
}
