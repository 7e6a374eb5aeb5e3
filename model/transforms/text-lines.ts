/**
 * A file as lines that remember how they ended. Characters stand for bytes one to one, so that whatever encoding a
 * file has, lines that are not touched come out byte for byte.
 */
export interface Line {
  readonly text: string;
  /** `\n`, `\r\n`, or nothing where the file ends without one. */
  readonly ending: string;
}

/** Splits bytes into lines. */
export function readLines(bytes: Uint8Array): Line[] {
  const lines: Line[] = [];
  for (const [whole, text = '', ending = ''] of characters(bytes).matchAll(/([^\n]*?)(\r?\n|$)/g)) {
    if (whole !== '') lines.push({ text, ending });
  }
  return lines;
}

/** Joins lines; a line that lacks an ending gets one where another follows, and the last keeps what the file had. */
export function writeLines(lines: readonly Line[], original: readonly Line[]): Uint8Array {
  const ending = original.find((line) => line.ending !== '')?.ending ?? '\n';
  const open = original.at(-1)?.ending === '';
  const text = lines.map((line, index) => {
    if (index < lines.length - 1) return line.text + (line.ending || ending);
    return line.text + (open ? '' : line.ending || ending);
  });
  return bytesOf(text.join(''));
}

/** A new line in the file's own way of ending lines. */
export function newLine(text: string, lines: readonly Line[]): Line {
  return { text: inBytes(text), ending: lines.find((line) => line.ending !== '')?.ending ?? '\n' };
}

/** A text as it will look in a file: its UTF-8 bytes, a character each. */
export function inBytes(text: string): string {
  return characters(new TextEncoder().encode(text));
}

/** @throws Error where `text` would break out of its line */
export function mustBeOneLine(text: string, what: string): void {
  if (/[\n\r\0]/.test(text)) throw new Error(`${what} holds a line break or NUL, which would become a line of its own`);
}

function characters(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return parts.join('');
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
