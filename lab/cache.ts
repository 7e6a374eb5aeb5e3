import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './lock.js';
import { removeFolder } from './mounts.js';
import { cacheFolder } from './places.js';

/**
 * A folder that is made once and shared by all labs. It bears its name only when it is whole; of several processes that
 * want it, one makes it and the others wait.
 * @param make - fills the empty folder it is given
 */
export async function cached(
  name: string,
  make: (folder: string) => Promise<void>,
  say: (line: string) => void,
): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  const makeOnce = async (): Promise<void> => {
    if (existsSync(folder)) return;
    const making = `${folder}.making`;
    await removeFolder(making);
    await mkdir(making, { recursive: true });
    await make(making);
    await rename(making, folder);
  };
  await withLock(`${folder}.lock`, makeOnce, () => say(`another process prepares ${name}; waiting for it`));
  return folder;
}

/** Eight hexadecimal digits that change with what a folder was made from. */
export function recipeDigest(...recipe: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(recipe)).digest('hex').slice(0, 8);
}
