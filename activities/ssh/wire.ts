/** One word of shell text that stands for exactly `text`. The only function that quotes. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Bytes as the runner's `printf %b` reads them back: one line, no blanks, nothing that a shell would expand. */
export function escape(bytes: Uint8Array): string {
  let line = '';
  for (const byte of bytes) line += plain(byte) ? String.fromCharCode(byte) : `\\0${byte.toString(8).padStart(3, '0')}`;
  return line;
}

function plain(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f && byte !== 0x5c && byte !== 0x2a && byte !== 0x3f && byte !== 0x5b;
}

/** Above this many bytes, one fork of `dd` is cheaper than the shell's own reading. */
const inlineLimit = 4096;
/** Bytes before escaping; four times as many are still under the 4 KiB of one message. */
const chunk = 960;

/** Bytes after one message; the host takes them into memory at once. */
const pieceLimit = 1_048_576;

/** Messages that put `bytes` into the staged file `name`. */
export function stageBytes(name: 'script' | 'environment' | 'stdin', bytes: Uint8Array): Uint8Array[] {
  if (bytes.length > inlineLimit) return countedBytes(name, bytes);
  const messages: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += chunk) {
    messages.push(Buffer.from(`${name} ${escape(bytes.subarray(from, from + chunk))}\n`));
  }
  return messages;
}

function countedBytes(name: string, bytes: Uint8Array): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += pieceLimit) {
    const piece = bytes.subarray(from, from + pieceLimit);
    messages.push(Buffer.from(`${name}-bytes ${piece.length}\n`), piece);
  }
  return messages;
}

/** Shell text that sets environment and positional parameters; travels in a file of its own, never in an argument. */
export function environmentSheet(environment: Readonly<Record<string, string>>, values: readonly string[]): Buffer {
  const exports = Object.entries(environment).map(([name, value]) => `export ${name}=${quote(value)}\n`);
  const parameters = values.length > 0 ? [`set -- ${values.map(quote).join(' ')}\n`] : [];
  return Buffer.from([...exports, ...parameters].join(''), 'utf8');
}
