import { isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';

interface Mistake {
  readonly offset: number;
  readonly problem: string;
  readonly advice: string;
}

/** The plain value of a parsed tree, and what in it has none: unfit keys, numbers and texts. */
export function plainValue(root: Node | null): { readonly value: unknown; readonly mistakes: readonly Mistake[] } {
  const mistakes: Mistake[] = [];
  return { value: read(root, mistakes), mistakes };
}

function read(node: Node | null | undefined, mistakes: Mistake[]): unknown {
  if (isMap(node)) return readMap(node as YAMLMap<Node, Node | null>, mistakes);
  if (isSeq(node)) return node.items.map((item) => read(item as Node, mistakes));
  if (isScalar(node)) return readScalar(node, mistakes);
  return null;
}

function readMap(map: YAMLMap<Node, Node | null>, mistakes: Mistake[]): Record<string, unknown> {
  const seen = new Set<string>();
  const value: Record<string, unknown> = {};
  for (const pair of map.items) {
    const key = keyOf(pair, seen, mistakes);
    const item = read(pair.value, mistakes);
    if (key !== undefined) value[key] = item;
  }
  return value;
}

function keyOf(pair: Pair<Node, Node | null>, seen: Set<string>, mistakes: Mistake[]): string | undefined {
  const offset = pair.key.range?.[0] ?? 0;
  const key = isScalar(pair.key) ? pair.key.value : undefined;
  const [problem, advice] = keyTrouble(key, seen);
  if (problem !== '') mistakes.push({ offset, problem, advice });
  if (problem !== '' || typeof key !== 'string') return undefined;
  seen.add(key);
  return key;
}

function keyTrouble(key: unknown, seen: ReadonlySet<string>): [problem: string, advice: string] {
  if (typeof key !== 'string') return ['a key must be text', 'put it in quotes'];
  if (seen.has(key)) return [`the key "${key}" is there twice`, 'keep one of the two'];
  if (key === '<<') return ['merge keys are not read', 'write the values out'];
  if (key === '__proto__') return ['the key "__proto__" is reserved', 'choose another name'];
  return ['', ''];
}

function readScalar(scalar: Scalar, mistakes: Mistake[]): unknown {
  const { value } = scalar;
  const offset = scalar.range?.[0] ?? 0;
  if (typeof value === 'number' && !isExact(scalar, value)) {
    mistakes.push({
      offset,
      problem: `${scalar.source ?? value} is no number that can be kept exactly`,
      advice: 'put it in quotes',
    });
  }
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) {
    mistakes.push({
      offset,
      problem: 'this text holds half of a character (a lone surrogate)',
      advice: 'write the whole character',
    });
  }
  return value;
}

function isExact(scalar: Scalar, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  return /[.eE]/.test(scalar.source ?? '') || Number.isSafeInteger(value);
}
