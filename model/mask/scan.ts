import type { Automaton } from './automaton.js';

const lineFeed = 10;
const carriageReturn = 13;

/** Where one automaton stands in a stream. */
export interface Scan {
  /** Marks in `marks` (one a byte) what is part of a match that ends at or after `from`. */
  over(bytes: Uint8Array, from: number, marks: Uint8Array): void;
  /** How many of the last bytes may still become part of a match. */
  undecided(bytes: Uint8Array): number;
}

/** Looks for patterns as they stand. */
export function plainScan(automaton: Automaton): Scan {
  const { classes, classOf, next, match, depth } = automaton;
  let state = 0;
  return {
    over: (bytes, from, marks) => {
      let now = state;
      for (let index = from; index < bytes.length; index++) {
        now = next[now * classes + (classOf[bytes[index] as number] as number)] as number;
        const length = match[now] as number;
        if (length > 0) marks.fill(1, index + 1 - length, index + 1);
      }
      state = now;
    },
    undecided: () => depth[state] as number,
  };
}

/** Line ends in a row after which no tool goes on with the same encoded text. */
const mostLineEnds = 2;

/** Looks for patterns with single line ends (LF or CRLF) anywhere inside. */
export function wrappedScan(automaton: Automaton): Scan {
  const { classes, classOf, next, match, depth } = automaton;
  let state = 0;
  let ends = 0;
  return {
    over: (bytes, from, marks) => {
      for (let index = from; index < bytes.length; index++) {
        const byte = bytes[index] as number;
        if (byte === lineFeed || byte === carriageReturn) {
          ends++;
          if (ends > mostLineEnds) state = 0;
          continue;
        }
        ends = 0;
        state = next[state * classes + (classOf[byte] as number)] as number;
        const length = match[state] as number;
        if (length > 0) backwards(bytes, index, length, (at) => (marks[at] = 1));
      }
    },
    undecided: (bytes) => (state === 0 ? 0 : bytes.length - backwards(bytes, bytes.length - 1, depth[state] as number)),
  };
}

/** Visits the last `count` bytes up to `index` that are no line ends; returns where the first of them is. */
function backwards(bytes: Uint8Array, index: number, count: number, visit?: (at: number) => void): number {
  let at = index;
  for (let left = count; left > 0 && at >= 0; at--) {
    const byte = bytes[at] as number;
    if (byte === lineFeed || byte === carriageReturn) continue;
    visit?.(at);
    left--;
  }
  return at + 1;
}
