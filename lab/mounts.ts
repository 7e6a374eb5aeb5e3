import { readFile } from 'node:fs/promises';
import { must, run } from './program.js';

/** Mount points at or below a folder, deepest first. */
export async function mountsBeneath(folder: string): Promise<string[]> {
  const points = (await readFile('/proc/self/mountinfo', 'utf8'))
    .split('\n')
    .map((line) => unescape(line.split(' ')[4] ?? ''))
    .filter((point) => point === folder || point.startsWith(`${folder}/`));
  return points.reverse();
}

/** Unmounts all that is mounted at or below a folder, also what is still in use. */
export async function unmountBeneath(folder: string): Promise<void> {
  for (const point of await mountsBeneath(folder)) await run(['umount', '-l', point]);
}

/**
 * Removes a folder and nothing that is mounted into it.
 * @throws LabError where a mount cannot be removed
 */
export async function removeFolder(folder: string): Promise<void> {
  await unmountBeneath(folder);
  await must(['rm', '-rf', '--one-file-system', '--', folder]);
}

/** mountinfo writes blanks and the like as three octal digits. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
