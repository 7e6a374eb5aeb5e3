/** A named number, as one line of a command's output says it. */
export interface NamedValue {
  /** With its labels, in the order in which they were printed: `disk_used_bytes{mount="/"}`. */
  readonly name: string;
  readonly value: number;
}

/** Numbers of one collection. */
export const valuesLimit = 1000;

const line =
  /^([A-Za-z_:][A-Za-z0-9_:.]{0,99}(?:\{[A-Za-z_][^{}\n]{0,300}\})?)\s+([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,3})?)$/i;

/**
 * Reads `name value` and `name{label="text"} value`, one a line, as Prometheus' text format has them; comments (`#`) and
 * empty lines are left out.
 *
 * @returns the values, or the line that is none
 */
export function readValues(text: string): { readonly values: readonly NamedValue[] } | { readonly problem: string } {
  const values = new Map<string, number>();
  for (const [index, raw] of text.split('\n').entries()) {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [, name, number] = line.exec(trimmed) ?? [];
    const value = Number(number);
    if (name === undefined || !Number.isFinite(value)) return { problem: `line ${index + 1} is no name and a number` };
    if (values.has(name)) return { problem: `line ${index + 1} names ${name} again` };
    if (values.size === valuesLimit) return { problem: `there are more than ${valuesLimit} values` };
    values.set(name, value);
  }
  if (values.size === 0) return { problem: 'there is no value in it' };
  return { values: [...values].map(([name, value]) => ({ name, value })) };
}
