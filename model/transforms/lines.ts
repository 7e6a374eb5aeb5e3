import { insertAt } from './place-lines.js';
import { inBytes, mustBeOneLine, newLine, readLines, writeLines, type Line } from './text-lines.js';

/** Whole lines that shall be there once, and lines that shall not be there. At most one of `after` and `before`. */
export interface LineRules {
  readonly present: readonly string[];
  readonly absent: readonly string[];
  /** New lines go after the last line that is exactly this. */
  readonly after?: string;
  /** New lines go before the first line that is exactly this. */
  readonly before?: string;
}

/**
 * Adds the lines that are missing, in their order, and removes unwanted ones. A line that is there already stays
 * where it is.
 * @throws Error where the line to stand after or before is not there
 */
export function setLines(content: Uint8Array, rules: LineRules): Uint8Array {
  for (const line of rules.present) mustBeOneLine(line, 'a line');
  const original = readLines(content);
  const unwanted = new Set(rules.absent.map(inBytes));
  const lines = original.filter((line) => !unwanted.has(line.text));
  const there = new Set(lines.map((line) => line.text));
  const missing = rules.present.filter((line) => !there.has(inBytes(line)));
  if (missing.length === 0) return writeLines(lines, original);
  const added = missing.map((line) => newLine(line, original));
  return writeLines(insertAt(lines, placeFor(lines, rules), added), original);
}

function placeFor(lines: readonly Line[], rules: LineRules): number {
  const { after, before } = rules;
  if (after !== undefined)
    return (
      found(
        lines.findLastIndex((line) => line.text === inBytes(after)),
        'after',
      ) + 1
    );
  if (before !== undefined)
    return found(
      lines.findIndex((line) => line.text === inBytes(before)),
      'before',
    );
  return lines.length;
}

function found(index: number, where: 'after' | 'before'): number {
  if (index < 0) throw new Error(`the line that new lines shall stand ${where} is not in the file`);
  return index;
}
