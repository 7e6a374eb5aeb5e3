import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../../lab/program.js';

/** A small disk of its own, so that it can be full without harm to this machine. */
export interface Disk {
  readonly folder: string;
  /** Writes until the disk says that it is full. @returns the bytes it took */
  fill(): number;
  empty(): void;
  remove(): Promise<void>;
}

/** @param mebibytes - its size */
export async function makeDisk(image: string, folder: string, mebibytes: number): Promise<Disk> {
  await must(['truncate', '-s', `${String(mebibytes)}M`, image]);
  await must(['mkfs.ext4', '-q', '-m', '0', image]);
  await must(['mkdir', '-p', folder]);
  await must(['mount', '-o', 'loop', image, folder]);
  const filler = join(folder, 'filler');
  return {
    folder,
    fill: () => fill(filler),
    empty: () => rmSync(filler, { force: true }),
    remove: async () => {
      await must(['umount', '-l', folder]);
      rmSync(image, { force: true });
    },
  };
}

function fill(path: string): number {
  const file = openSync(path, 'w');
  let written = 0;
  try {
    for (let piece = 1024 * 1024; piece >= 1024;) {
      try {
        written += writeSync(file, Buffer.alloc(piece));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        piece /= 4;
      }
    }
  } finally {
    closeSync(file);
  }
  return written;
}
