import { cellsOn, head, line } from '../chaos/markdown-table.js';

/** How one test of the runbooks last ended. */
export interface LastResult {
  /** Its file, and its name below the title of that file. */
  readonly file: string;
  readonly test: string;
  readonly ended: string;
  readonly seconds: number;
  readonly revision: string;
  readonly day: string;
}

const columns = ['test file', 'what it shows', 'ended', 'seconds', 'revision', 'day'];

/**
 * The page that tells how every test of the runbooks last ended, file by file.
 * @param files - all files of tests that there are
 */
export function pageOf(results: readonly LastResult[], files: readonly string[]): string {
  const missing = files.filter((one) => !results.some(({ file }) => file === one));
  const passed = results.filter(({ ended }) => ended.startsWith('passed')).length;
  return [
    '# The runbooks on real servers',
    '',
    `${String(passed)} of ${String(results.length)} tests passed when they last ran. How it is made: [README.md](README.md).`,
    '',
    ...head(columns),
    ...results.map((one) => line([one.file, one.test, one.ended, String(one.seconds), one.revision, one.day])),
    '',
    ...(missing.length > 0 ? ['## Not run yet', '', ...missing.map((one) => `- ${one}`), ''] : []),
  ].join('\n');
}

/** The results on such a page. */
export function resultsOn(page: string): LastResult[] {
  return cellsOn(page, columns).map(([file = '', test = '', ended = '', seconds = '', revision = '', day = '']) => {
    return { file, test, ended, seconds: Number(seconds), revision, day };
  });
}

/** What is known when a file has been run once more: its tests as they ended now, those of other files as before. */
export function joined(before: readonly LastResult[], now: readonly LastResult[]): LastResult[] {
  const files = new Set(now.map(({ file }) => file));
  return [...before.filter(({ file }) => !files.has(file)), ...now].sort((one, other) =>
    one.file === other.file ? 0 : one.file < other.file ? -1 : 1,
  );
}
