import { execFile } from 'node:child_process';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A file system of its own for the hosts of a measurement. ext4 passes over inodes that were deleted in the last
 * minutes, one by one, so on a disk where labs have just been removed, making a file costs ten times what it costs on
 * a host; only Belay makes files there, so the ratio would be of the disk's past.
 *
 * @param size - bytes; the image is sparse
 */
export async function freshDisk(size: number): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const place = await mkdtemp(join(tmpdir(), 'belay-bench-'));
  const image = join(place, 'disk.img');
  const folder = join(place, 'disk');
  await writeFile(image, '');
  await truncate(image, size);
  await run('mkfs.ext4', ['-q', '-F', image]);
  await run('mkdir', [folder]);
  await run('mount', ['-o', 'loop', image, folder]);
  return {
    folder,
    remove: async () => {
      await run('umount', ['-l', folder]);
      await rm(place, { recursive: true });
    },
  };
}
