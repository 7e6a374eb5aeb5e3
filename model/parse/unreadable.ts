/** Output that is not what it was said to be. The message never holds a piece of the output. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';

  constructor(
    /** Such as `line 3, column 5`; empty where no place can be named. */
    readonly place: string,
    readonly problem: string,
  ) {
    super(place === '' ? problem : `${place}: ${problem}`);
  }
}

/** The lines of a text, without their breaks and without a last empty one. */
export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

/** `line N, column M` of an offset, counted from 1. */
export function placeAt(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}
