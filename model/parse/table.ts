import { prototypeNames } from '../types/value-type.js';
import { linesOf, Unreadable } from './unreadable.js';

/**
 * Lines of values with tabs between them, as records by column. Empty lines are left out.
 *
 * @param columns - what the columns are called; the first line says it where absent
 * @throws Unreadable
 */
export function readTable(text: string, columns?: readonly string[]): Record<string, string>[] {
  const lines = linesOf(text).map((line, index) => ({ line, number: index + 1 }));
  const filled = lines.filter(({ line }) => line !== '');
  const names = columns ?? headerOf(filled.shift());
  return filled.map(({ line, number }) => {
    const values = line.split('\t');
    if (values.length !== names.length)
      throw new Unreadable(`line ${number}`, `it has ${values.length} values, and there are ${names.length} columns`);
    return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
  });
}

function headerOf(first: { readonly line: string; readonly number: number } | undefined): string[] {
  if (first === undefined) throw new Unreadable('line 1', 'there is no line that names the columns');
  const names = first.line.split('\t');
  const unfit = names.findIndex(
    (name, index) => name === '' || prototypeNames.includes(name) || names.indexOf(name) !== index,
  );
  if (unfit !== -1)
    throw new Unreadable(`line ${first.number}`, `the name of column ${unfit + 1} is empty, taken or not allowed`);
  return names;
}
