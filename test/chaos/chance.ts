import { randomInt } from 'node:crypto';

/** Numbers that look like chance and come again with the same seed. */
export interface Chance {
  readonly seed: number;
  /** From 0 up to, but not, 1. */
  next(): number;
  pick<T>(from: readonly T[]): T;
  /** All of them, in another order. */
  shuffled<T>(list: readonly T[]): T[];
}

/** Whether every fault is to be tried, and not a sample alone: `./belay selftest --all`. */
export const whole = process.env['BELAY_SELFTEST_ALL'] === '1';

/**
 * Chance from `BELAY_SEED`, or from a new seed, which is printed so that a failure can be had again.
 *
 * @param usual - the seed where none is given, for what is to be the same every time
 */
export function chanceOf(what: string, usual = randomInt(1, 2 ** 31)): Chance {
  const given = process.env['BELAY_SEED'];
  const seed = given === undefined ? usual : Number(given);
  if (!Number.isInteger(seed)) throw new Error(`BELAY_SEED must be an integer, not ${String(given)}`);
  process.stdout.write(`${what}: BELAY_SEED=${String(seed)}\n`);
  return chanceFrom(seed);
}

export function chanceFrom(seed: number): Chance {
  let state = seed >>> 0;
  // Mulberry32: 32 bits of state are plenty for choosing cases.
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const shuffled = <T>(list: readonly T[]): T[] =>
    list
      .map((item) => ({ item, rank: next() }))
      .sort((one, other) => one.rank - other.rank)
      .map(({ item }) => item);
  return { seed, next, shuffled, pick: <T>(from: readonly T[]) => from[Math.floor(next() * from.length)] as T };
}
