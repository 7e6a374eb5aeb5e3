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
const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const cell = (text: string): string => text.replaceAll('|', '/').replaceAll(/\s+/g, ' ');

/** The page that tells how every test of the runbooks last ended, file by file. */
export function pageOf(results: readonly LastResult[]): string {
  const passed = results.filter(({ ended }) => ended.startsWith('passed')).length;
  return [
    '# The runbooks on real servers',
    '',
    `${String(passed)} of ${String(results.length)} tests passed when they last ran. How it is made: [README.md](README.md).`,
    '',
    line(columns),
    line(columns.map(() => '---')),
    ...results.map((one) =>
      line([one.file, one.test, one.ended, String(one.seconds), one.revision, one.day].map(cell)),
    ),
    '',
  ].join('\n');
}

/** The results on such a page. */
export function resultsOn(page: string): LastResult[] {
  return page
    .split('\n')
    .filter((text) => text.startsWith('| ') && text !== line(columns) && !text.startsWith('| ---'))
    .map((text) => {
      const [file = '', test = '', ended = '', seconds = '', revision = '', day = ''] = text.slice(2, -2).split(' | ');
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
