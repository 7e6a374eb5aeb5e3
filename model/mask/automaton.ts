/**
 * An Aho-Corasick automaton over bytes, dense, with bytes that no pattern uses folded into one class. State 0 is the
 * root: nothing seen so far can become a match.
 */
export interface Automaton {
  readonly classes: number;
  /** The class of each byte. */
  readonly classOf: Uint8Array;
  /** The next state, at `state * classes + class`. */
  readonly next: Int32Array;
  /** The longest pattern that ends in a state; 0 where none does. */
  readonly match: Int32Array;
  /** How many of the last bytes a state still remembers. */
  readonly depth: Int32Array;
}

/** Builds the automaton of `patterns`; undefined where there are none. */
export function automatonOf(patterns: readonly Uint8Array[]): Automaton | undefined {
  const distinct = [...new Map(patterns.filter((one) => one.length > 0).map((one) => [one.join(), one])).values()];
  if (distinct.length === 0) return undefined;
  const { classOf, classes } = classify(distinct);
  const most = distinct.reduce((sum, one) => sum + one.length, 1);
  const next = new Int32Array(most * classes).fill(-1);
  const match = new Int32Array(most);
  const depth = new Int32Array(most);
  let states = 1;
  for (const pattern of distinct) {
    let state = 0;
    for (const byte of pattern) {
      const edge = state * classes + at(classOf, byte);
      if (at(next, edge) < 0) {
        depth[states] = at(depth, state) + 1;
        next[edge] = states++;
      }
      state = at(next, edge);
    }
    match[state] = pattern.length;
  }
  complete(next.subarray(0, states * classes), match, classes);
  return {
    classes,
    classOf,
    next: next.slice(0, states * classes),
    match: match.slice(0, states),
    depth: depth.slice(0, states),
  };
}

function classify(patterns: readonly Uint8Array[]): { classOf: Uint8Array; classes: number } {
  const classOf = new Uint8Array(256);
  const used = [...new Set(patterns.flatMap((one) => [...one]))];
  // 256 used bytes do not fit beside class 0, so the last one would fold into it: then every byte is its own class.
  const first = used.length < 256 ? 1 : 0;
  used.forEach((byte, index) => (classOf[byte] = index + first));
  return { classOf, classes: used.length + first };
}

/** Fills in where a failed edge leads, breadth first, so that every byte costs one look-up. */
function complete(next: Int32Array, match: Int32Array, classes: number): void {
  const fallback = new Int32Array(next.length / classes);
  const queue: number[] = [0];
  for (const state of queue) {
    const back = at(fallback, state);
    for (let klass = 0; klass < classes; klass++) {
      const edge = state * classes + klass;
      const beside = state === 0 ? 0 : at(next, back * classes + klass);
      const target = at(next, edge);
      if (target < 0) {
        next[edge] = beside;
        continue;
      }
      fallback[target] = beside;
      match[target] = Math.max(at(match, target), at(match, beside));
      queue.push(target);
    }
  }
}

/** An element that is known to be there. */
function at(array: Int32Array | Uint8Array, index: number): number {
  return array[index] as number;
}
