import { prototypeNames } from '../types/value-type.js';
import { Unreadable } from './unreadable.js';

const shape = /^[ \t\f]*((?:\\[^]|[^\\=: \t\f])+)(?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+|$)([^]*)$/;
const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * `key=value` lines, as `java.util.Properties` reads them: `#` and `!` begin comments, a backslash at the end of a
 * line goes on in the next, and `\uXXXX` is a character. A key that is there twice is a mistake: nobody can say
 * which value counts.
 *
 * @throws Unreadable
 */
export function readProperties(text: string): Record<string, string> {
  const values = new Map<string, string>();
  for (const { line, number } of logicalLines(text)) {
    const [, rawKey, rawValue = ''] = shape.exec(line) ?? [];
    if (rawKey === undefined) throw new Unreadable(`line ${number}`, 'there is no key before the "=" or ":"');
    const key = unescaped(rawKey, number);
    if (values.has(key)) throw new Unreadable(`line ${number}`, 'its key is there twice');
    if (prototypeNames.includes(key)) throw new Unreadable(`line ${number}`, 'no key may be called so');
    values.set(key, unescaped(rawValue, number));
  }
  return Object.fromEntries(values);
}

/** Lines with what they go on with, without comments and empty ones; by the number of their first. */
function logicalLines(text: string): { readonly line: string; readonly number: number }[] {
  const found: { line: string; number: number }[] = [];
  let open: { line: string; number: number } | undefined;
  for (const [index, raw] of text.split(/\r\n|[\r\n]/).entries()) {
    const line: string = open ? open.line + raw.replace(/^[ \t\f]+/, '') : raw;
    if (open === undefined && /^[ \t\f]*(?:[#!]|$)/.test(line)) continue;
    const number: number = open?.number ?? index + 1;
    const goesOn = (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1;
    open = goesOn ? { line: line.slice(0, -1), number } : undefined;
    if (open === undefined) found.push({ line, number });
  }
  return open === undefined ? found : [...found, open];
}

function unescaped(text: string, number: number): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([^]))/g, (_, code: string | undefined, char: string | undefined) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (char === 'u') throw new Unreadable(`line ${number}`, 'four hexadecimal digits are missing after "\\u"');
    return escapes[char ?? ''] ?? char ?? '';
  });
}
