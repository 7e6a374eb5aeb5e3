/** One line of a Markdown table; what would break it is put otherwise. */
export const line = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '/').replaceAll(/\s+/g, ' ')).join(' | ')} |`;

/** The first two lines of a table. */
export const head = (columns: readonly string[]): string[] => [line(columns), line(columns.map(() => '---'))];

/** The cells of every row of a table with these columns on a page that was written so. */
export function cellsOn(page: string, columns: readonly string[]): string[][] {
  const above = new Set(head(columns));
  return page
    .split('\n')
    .filter((text) => text.startsWith('| ') && !above.has(text))
    .map((text) => text.slice(2, -2).split(' | '));
}
