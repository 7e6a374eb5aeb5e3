import { isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml';
import type { Finding } from '../finding.js';
import { alignOffset } from './align.js';

/** Keys and positions that lead from the top of a document to a place in it. */
export type Path = readonly (string | number)[];

/** A document that was read, with a position for everything in it. */
export interface SourceDocument {
  readonly file: string;
  /** Plain values: objects, lists, text, numbers, truth values, null. */
  readonly value: unknown;
  /**
   * A finding at `path`, or at the nearest thing around it that exists.
   *
   * @param within - offset in the text that stands there, for mistakes inside it
   */
  at(path: Path, problem: string, advice: string, within?: number | undefined): Finding;
  /** A finding at a key rather than at its value. */
  atKey(path: Path, problem: string, advice: string): Finding;
}

/** The document over a parsed tree. */
export function sourceDocument(
  file: string,
  text: string,
  root: Node | null,
  value: unknown,
  lines: LineCounter,
): SourceDocument {
  const finding = (offset: number, problem: string, advice: string): Finding => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col), problem, advice, severity: 'error' };
  };
  return {
    file,
    value,
    at: (path, problem, advice, within) => finding(valueOffset(text, nearest(root, path), within), problem, advice),
    atKey: (path, problem, advice) => finding(keyOffset(nearest(root, path)), problem, advice),
  };
}

/** What was found on the way along a path: the last key or position that exists, and what stands there. */
interface Spot {
  readonly key: Node | undefined;
  readonly node: Node | undefined;
  readonly whole: boolean;
}

function nearest(root: Node | null, path: Path): Spot {
  let spot: Spot = { key: undefined, node: root ?? undefined, whole: true };
  for (const name of path) {
    const next = child(spot.node, name);
    if (next === undefined) return { ...spot, whole: false };
    spot = next;
  }
  return spot;
}

function child(node: Node | undefined, name: string | number): Spot | undefined {
  if (isSeq(node)) {
    const item = typeof name === 'number' ? (node.items[name] as Node | undefined) : undefined;
    return item === undefined ? undefined : { key: undefined, node: item, whole: true };
  }
  if (!isMap(node)) return undefined;
  const pair = (node.items as Pair<Node, Node | null>[]).find(
    ({ key }) => isScalar(key) && String(key.value) === String(name),
  );
  return pair === undefined ? undefined : { key: pair.key, node: pair.value ?? undefined, whole: true };
}

function valueOffset(text: string, spot: Spot, within?: number): number {
  const { node } = spot;
  // Something is missing in what was found: its key says best where.
  if (!spot.whole && spot.key !== undefined) return keyOffset(spot);
  const start = node?.range?.[0] ?? spot.key?.range?.[0] ?? 0;
  if (within === undefined || !isScalar(node) || typeof node.value !== 'string') return start;
  return start + alignOffset(text.slice(start, node.range?.[1]), node.value, within);
}

function keyOffset(spot: Spot): number {
  return spot.key?.range?.[0] ?? spot.node?.range?.[0] ?? 0;
}
