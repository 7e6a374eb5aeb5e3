import { newLine, type Line } from './text-lines.js';

/** Which lines belong to a key: those that set it, and those that only mention it in a comment. */
export interface KeyPlaces {
  readonly active: (line: Line) => boolean;
  readonly commented: (line: Line) => boolean;
}

/**
 * Puts `texts` where the key's first line stands and drops its other lines. Without one they go after the last
 * comment that shows the key (the comment stays), else to the end.
 */
export function placeLines(lines: readonly Line[], places: KeyPlaces, texts: readonly string[]): Line[] {
  const first = lines.findIndex(places.active);
  const wanted = texts.map((text) => newLine(text, lines));
  if (first < 0) return insertAt(lines, afterLast(lines, places.commented), wanted);
  const own = lines[first]?.ending || wanted[0]?.ending || '';
  const placed = wanted.map((line) => ({ ...line, ending: own }));
  return lines.flatMap((line, index) => (index === first ? placed : places.active(line) ? [] : [line]));
}

export function insertAt(lines: readonly Line[], index: number, added: readonly Line[]): Line[] {
  return [...lines.slice(0, index), ...added, ...lines.slice(index)];
}

/** The index after the last line that fits, or after all lines. */
function afterLast(lines: readonly Line[], fits: (line: Line) => boolean): number {
  const last = lines.findLastIndex(fits);
  return last < 0 ? lines.length : last + 1;
}
