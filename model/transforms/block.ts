import { inBytes, mustBeOneLine, newLine, readLines, writeLines, type Line } from './text-lines.js';

/** A block of lines between two comment lines that name it. Without lines there is no block. */
export interface BlockRules {
  readonly name: string;
  readonly lines: readonly string[];
}

/**
 * Puts a marked block into a file where it stands already, else at the end; every line outside of it stays.
 * @throws Error where a mark is there twice, or without the other one
 */
export function setBlock(content: Uint8Array, { name, lines: texts }: BlockRules): Uint8Array {
  for (const text of texts) mustBeOneLine(text, 'a line of the block');
  const original = readLines(content);
  const place = findBlock(original, name);
  const block = texts.length === 0 ? [] : [beginOf(name), ...texts, endOf(name)].map((text) => newLine(text, original));
  return writeLines(
    [...original.slice(0, place.start), ...block, ...original.slice(place.end)],
    closed(original, block),
  );
}

/** The lines outside of a block, with their numbers from 1. */
export function outsideOf(content: Uint8Array, name: string): { readonly text: string; readonly number: number }[] {
  const lines = readLines(content);
  const { start, end } = findBlock(lines, name);
  return lines
    .map(({ text }, index) => ({ text, number: index + 1 }))
    .filter((_, index) => index < start || index >= end);
}

/** A file to which a block was added ends with a line end: what is behind a mark must not become part of it. */
function closed(original: readonly Line[], block: readonly Line[]): readonly Line[] {
  return block.length === 0 ? original : original.map((line) => ({ ...line, ending: line.ending || '\n' }));
}

function findBlock(lines: readonly Line[], name: string): { readonly start: number; readonly end: number } {
  const places = (mark: string): number[] =>
    lines.flatMap((line, index) => (line.text.trimEnd() === inBytes(mark) ? [index] : []));
  const [begins, ends] = [places(beginOf(name)), places(endOf(name))];
  if (begins.length === 0 && ends.length === 0) return { start: lines.length, end: lines.length };
  const [start, end] = [begins[0], ends[0]];
  if (begins.length > 1 || ends.length > 1 || start === undefined || end === undefined || end < start)
    throw new Error(`the marks of the block "${name}" are not one before the other; put them right or remove them`);
  return { start, end: end + 1 };
}

const beginOf = (name: string): string => `# BEGIN Belay ${name}`;
const endOf = (name: string): string => `# END Belay ${name}`;
