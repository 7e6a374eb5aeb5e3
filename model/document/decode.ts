import type { Finding } from '../finding.js';
import { limits } from './limits.js';

/** The text of a document, or why it is none. Only UTF-8 without a byte order mark is read. */
export function decodeText(file: string, bytes: Uint8Array): { readonly text: string } | { readonly finding: Finding } {
  const refuse = (problem: string, advice: string, line = 1, column = 1) =>
    ({ finding: { file, line, column, problem, advice, severity: 'error' } }) as const;
  if (bytes.length > limits.document) {
    return refuse(
      `the document has ${bytes.length} bytes, more than ${limits.document}`,
      'put long texts into files beside it',
    );
  }
  const foreign = foreignEncoding(bytes);
  if (foreign !== undefined) return refuse(foreign, 'save it as UTF-8 without a byte order mark');
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    const [line, column] = firstInvalid(bytes);
    return refuse('this byte is not UTF-8', 'save the document as UTF-8', line, column);
  }
}

function foreignEncoding(bytes: Uint8Array): string | undefined {
  const [first, second, third, fourth] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'the document begins with a byte order mark';
  if (first === 0xff && second === 0xfe && third === 0 && fourth === 0) return 'the document is UTF-32';
  if (first === 0 && second === 0 && third === 0xfe && fourth === 0xff) return 'the document is UTF-32';
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return 'the document is UTF-16';
  // YAML begins with a character below U+0080, so a zero byte among the first two gives UTF-16 or UTF-32 away.
  if (bytes.length > 1 && (first === 0 || second === 0))
    return 'the document is UTF-16 or UTF-32 without a byte order mark';
  return undefined;
}

/** Line and column of the first byte that is no UTF-8. */
function firstInvalid(bytes: Uint8Array): [number, number] {
  let start = 0;
  for (let line = 1; start <= bytes.length; line += 1) {
    const next = bytes.indexOf(0x0a, start);
    const end = next === -1 ? bytes.length : next + 1;
    if (!isText(bytes.subarray(start, end))) return [line, validPrefix(bytes.subarray(start, end)) + 1];
    start = end;
    if (next === -1) break;
  }
  return [1, 1];
}

/** Characters before the first wrong byte of a line: the longest prefix that can still become text, by halving. */
function validPrefix(line: Uint8Array): number {
  let [good, bad] = [0, line.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (mayBecomeText(line.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return new TextDecoder('utf-8').decode(line.subarray(0, good), { stream: true }).length;
}

function isText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function mayBecomeText(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
