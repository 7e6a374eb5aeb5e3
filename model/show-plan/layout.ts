/** Puts every line of a block further in. */
export function indent(lines: readonly string[], by = 2): string[] {
  const space = ' '.repeat(by);
  return lines.map((line) => (line === '' ? '' : space + line));
}

/** Rows of names and what belongs to them, the second column aligned; further lines stand below their first. */
export function table(rows: readonly (readonly [name: string, lines: readonly string[], ...unknown[]])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length)) + 2;
  return rows.flatMap(([name, lines]) =>
    lines.map((line, index) => `${(index === 0 ? name : '').padEnd(width)}${line}`.trimEnd()),
  );
}

/** A constant text, set off at its left so that its own empty lines and indentation can be seen. */
export function quoted(text: string): string[] {
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => `| ${line}`.trimEnd());
}

/** `1 host`, `2 hosts`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/**
 * A text that a terminal shows as it is: control characters, marks that turn the direction of writing and other
 * invisible ones are written as escapes. Line breaks stay.
 */
export function visible(text: string): string {
  return text.replace(
    /(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
