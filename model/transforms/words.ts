import type { KeyRules } from './key-rules.js';
import { placeLines, type KeyPlaces } from './place-lines.js';
import { inBytes, mustBeOneLine, readLines, writeLines, type Line } from './text-lines.js';

/**
 * Sets `key value…` lines, as in redis.conf or sshd_config. Values are put as they are given: quotes, where the
 * program wants them, are the author's. Not for files with sections, where the same key may mean several things.
 */
export function setWords(content: Uint8Array, rules: KeyRules): Uint8Array {
  const original = readLines(content);
  let lines = original;
  for (const key of rules.unset) lines = lines.filter((line) => wordOf(line.text) !== inBytes(key));
  for (const [key, values] of Object.entries(rules.set)) lines = setKey(lines, key, values);
  return writeLines(lines, original);
}

function setKey(lines: Line[], key: string, values: readonly string[]): Line[] {
  for (const value of values) mustBeOneLine(value, `the value of ${key}`);
  const name = inBytes(key);
  const present = lines.filter((line) => wordOf(line.text) === name).map((line) => valueOf(line.text));
  const wanted = values.map((value) => inBytes(value).trim());
  if (present.length === wanted.length && present.every((value, index) => value === wanted[index])) return lines;
  return placeLines(
    lines,
    placesOf(name),
    values.map((value) => `${key} ${value}`.trimEnd()),
  );
}

function placesOf(name: string): KeyPlaces {
  return {
    active: (line) => wordOf(line.text) === name,
    commented: (line) => /^\s*#/.test(line.text) && wordOf(line.text.replace(/^[\s#]+/, '')) === name,
  };
}

/** The first word of a line; undefined for comments and empty lines. */
function wordOf(text: string): string | undefined {
  return /^[ \t]*([^\s#]\S*)/.exec(text)?.[1];
}

function valueOf(text: string): string {
  return /^[ \t]*\S+[ \t]*(.*?)[ \t]*$/.exec(text)?.[1] ?? '';
}
