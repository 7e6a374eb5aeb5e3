import { Option } from 'commander';
import { stringify } from 'yaml';
import { visible } from './visible.js';

export const formats = ['table', 'json', 'yaml'] as const;
export type Format = (typeof formats)[number];

/** `-o json|yaml|table`, the same at every command. */
export function formatOption(): Option {
  return new Option('-o, --output <format>', 'how to print the answer').choices(formats).default('table');
}

/** An answer for programs; the JSON one is what the API said. */
export function structured(answer: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? `${JSON.stringify(answer, null, 2)}\n` : stringify(answer);
}

/** Columns as wide as their widest cell, two spaces between, no blank at line ends. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings, ...rows.map((row) => row.map(visible))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
