import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, top, type Check, type Found } from './check.js';

const largest = 400;
const large = 200;

/** How long the files are: printed for everybody to see, and an error above 400 lines. */
export const sizes: Check = {
  name: 'file sizes',
  run: async () => {
    const { output } = await runProgram('git', [
      'ls-files',
      '--cached',
      '--others',
      '--exclude-standard',
      '*.ts',
      '*.js',
      'belay',
      '*.sh',
    ]);
    const files = output.trim().split('\n');
    return judge(files.filter((file) => !file.includes('/generated/')).flatMap(measure));
  },
};

interface Size {
  readonly file: string;
  readonly lines: number;
}

/** A file that git still lists but that is gone has no size. */
function measure(file: string): Size[] {
  try {
    return [{ file, lines: readFileSync(join(top, file), 'utf8').split('\n').length - 1 }];
  } catch {
    return [];
  }
}

export function judge(measured: readonly Size[]): Found {
  const sorted = [...measured].sort((one, other) => one.lines - other.lines);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]?.lines ?? 0;
  const above = sorted.filter(({ lines }) => lines > large);
  const say = ({ file, lines }: Size) => `${file}: ${String(lines)} lines`;
  return {
    faults: above
      .filter(({ lines }) => lines > largest)
      .map((size) => `${say(size)}; cut it, ${String(largest)} is the most`),
    notes: [
      `${String(sorted.length)} files, median ${String(at(0.5))} lines, p90 ${String(at(0.9))}, ${String(above.length)} above ${String(large)}`,
      ...above.map((size) => `  ${say(size)}`),
    ],
  };
}
