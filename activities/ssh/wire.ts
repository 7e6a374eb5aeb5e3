import { quote } from '../../model/shell-word.js';

/** Bytes as the runner's `printf %b` reads them back: one line, no blanks, nothing that a shell would expand. */
export function escape(bytes: Uint8Array): string {
  let line = '';
  for (const byte of bytes) line += plain(byte) ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
  return line;
}

function plain(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x2a && byte !== 0x3f && byte !== 0x5b;
}

/** Above this many bytes as they are sent, one fork of `dd` is cheaper than the shell's own reading. */
const inlineLimit = 2048;
/** Bytes before escaping; four times as many are still under the 4 KiB of one message. */
const chunk = 960;

/** Bytes after one message; the host takes them into memory at once. */
const pieceLimit = 1_048_576;

/** Messages that put `bytes` into the staged file `name`. */
export function stageBytes(name: 'script' | 'environment' | 'stdin', bytes: Uint8Array): Uint8Array[] {
  if (sentLength(bytes) > inlineLimit) return countedBytes(name, bytes);
  const messages: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += chunk) {
    messages.push(Buffer.from(`${name} ${escape(bytes.subarray(from, from + chunk))}\n`));
  }
  return messages;
}

/** Bytes after escaping; counted no further than matters. */
function sentLength(bytes: Uint8Array): number {
  if (bytes.length > inlineLimit) return bytes.length;
  let length = 0;
  for (const byte of bytes) length += plain(byte) ? 1 : 5;
  return length;
}

function countedBytes(name: string, bytes: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += pieceLimit) {
    const piece = bytes.subarray(from, from + pieceLimit);
    messages.push(Buffer.from(`${name}-bytes ${piece.length}\n`), piece);
  }
  return messages;
}

/** Bytes of shell text that go in one line of a message. */
const plainLimit = 2048;

/** Statements as one line that the runner can take as it is; undefined where they are long, or some byte is not plain. */
export function plainLine(statements: readonly string[]): string | undefined {
  const line = statements.join('; ');
  return line.length <= plainLimit && /^[\x20-\x7e]*$/.test(line) ? line : undefined;
}

/** Statements as shell text that travels in a file of its own, never in an argument. */
export function environmentSheet(statements: readonly string[]): Buffer {
  return Buffer.from(statements.map((statement) => `${statement}\n`).join(''), 'utf8');
}

/** What sets environment and positional parameters. */
export function sheetStatements(
  environment: Readonly<Record<string, string>>,
  values: readonly string[],
): readonly string[] {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}`);
  return values.length > 0 ? [...exports, `set -- ${values.map(quote).join(' ')}`] : exports;
}
