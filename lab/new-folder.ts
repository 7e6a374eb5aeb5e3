import { readdir, statfs } from 'node:fs/promises';
import { LabError } from './error.js';
import { isOurs, register } from './record.js';
import { takeDown } from './take-down.js';

/**
 * Makes a lab in a folder that is empty or absent; takes all away again where that fails.
 * @throws LabError where the folder holds something else, or cannot carry hosts
 */
export async function inNewFolder<T>(lab: string, folder: string, make: () => Promise<T>): Promise<T> {
  await refuseForeign(folder);
  await register(lab, folder);
  try {
    await refuseOverlay(folder);
    return await make();
  } catch (error) {
    await takeDown(lab);
    throw error;
  }
}

async function refuseForeign(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  if (names.length > 0 && !isOurs(folder))
    throw new LabError(`${folder} holds files that are no lab's: give the lab a folder that is empty or absent`);
}

async function refuseOverlay(folder: string): Promise<void> {
  const { type } = await statfs(folder);
  if (type !== overlayType) return;
  throw new LabError(
    `${folder} lies on an overlay, which cannot carry the layers of hosts: choose a folder on ext4, xfs, btrfs or tmpfs with --folder`,
  );
}

/** The magic number of overlayfs in the kernel's list. */
const overlayType = 0x794c7630;
