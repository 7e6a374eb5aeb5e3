import type { KeyRules } from './key-rules.js';
import { placeLines } from './place-lines.js';
import { inBytes, mustBeOneLine, readLines, writeLines, type Line } from './text-lines.js';

/**
 * Sets `key=value` lines of Java properties files, and of files that look like them (/etc/default). A value may go
 * on over several lines; those count as one. Values are escaped as `java.util.Properties` reads them: a backslash is
 * doubled, leading white space is kept, and characters beyond ASCII become `\uXXXX`.
 */
export function setProperties(content: Uint8Array, rules: KeyRules): Uint8Array {
  const original = readLines(content);
  let lines = joinContinued(original);
  for (const key of rules.unset) lines = lines.filter((line) => keyOf(line.text) !== inBytes(key));
  for (const [key, values] of Object.entries(rules.set)) lines = setKey(lines, key, values);
  return writeLines(lines, original);
}

function setKey(lines: Line[], key: string, values: readonly string[]): Line[] {
  for (const value of values) mustBeOneLine(value, `the value of ${key}`);
  const own = lines.filter((line) => keyOf(line.text) === inBytes(key));
  const wanted = values.map(escapeValue);
  if (own.length === wanted.length && own.every((line, index) => sameValue(line.text, wanted[index]))) return lines;
  const head = own[0] ? headOf(own[0].text) : undefined;
  const places = {
    active: (line: Line): boolean => keyOf(line.text) === inBytes(key),
    commented: (line: Line): boolean => keyOf(line.text.replace(/^[\s]*[#!][#!\s]*/, ''), line.text) === inBytes(key),
  };
  const texts = wanted.map((value) => (head ?? `${escapeKey(key)}=`) + value);
  return placeLines(lines, places, texts);
}

/** Physical lines that end in an odd number of backslashes go on in the next one, except in comments. */
function joinContinued(lines: readonly Line[]): Line[] {
  const joined: Line[] = [];
  let open: Line | undefined;
  for (const line of lines) {
    const whole: Line = open ? { text: open.text + open.ending + line.text, ending: line.ending } : line;
    open = goesOn(whole.text) ? whole : undefined;
    if (!open) joined.push(whole);
  }
  return open ? [...joined, open] : joined;
}

function goesOn(text: string): boolean {
  if (/^[ \t\f]*[#!]/.test(text)) return false;
  return (/\\*$/.exec(text)?.[0].length ?? 0) % 2 === 1;
}

const shape = /^([ \t\f]*)((?:\\[\s\S]|[^\\=: \t\f\r\n])+)((?:[ \t\f]*[=:][ \t\f]*|[ \t\f]+)?)([\s\S]*)$/;

/** The key of a logical line, unescaped; undefined for comments and empty lines. A comment passed bare needs "=". */
function keyOf(text: string, comment?: string): string | undefined {
  if (comment !== undefined && (comment === text || !/^[^\s=:]+[ \t]*[=:]/.test(text))) return undefined;
  if (/^[ \t\f]*[#!]/.test(text)) return undefined;
  const key = shape.exec(text)?.[2];
  return key === undefined ? undefined : unescape(key);
}

/** All of a line before its value, as it is spelt. */
function headOf(text: string): string | undefined {
  const [, indent = '', key = '', separator = ''] = shape.exec(text) ?? [];
  return separator === '' ? undefined : indent + key + separator;
}

function sameValue(text: string, wanted: string | undefined): boolean {
  const value = (shape.exec(text)?.[4] ?? '').replace(/\\\r?\n[ \t\f]*/g, '');
  return wanted !== undefined && unescape(value) === unescape(wanted);
}

const letters: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f' };

function unescape(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|([\s\S]))/g, (_, code: string | undefined, letter: string) =>
    code === undefined ? (letters[letter] ?? letter) : String.fromCharCode(parseInt(code, 16)),
  );
}

function escapeValue(value: string): string {
  return beyondAscii(value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replace(/^ /, '\\ '));
}

function escapeKey(key: string): string {
  return beyondAscii(key.replace(/[\\ :=#!\t]/g, '\\$&'));
}

function beyondAscii(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
