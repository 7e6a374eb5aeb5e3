import { existsSync } from 'node:fs';
import { mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataFolder } from './places.js';

/** Where `belay run start` looks for an inventory when it is told none. */
const usual = (): string => join(dataFolder(), 'inventory.yaml');

/**
 * Has a lab's inventory be the usual one where there is none, or one of a lab that is gone; somebody's own is left alone.
 * @returns whether it is the usual one now
 */
export async function becomeUsual(inventory: string): Promise<boolean> {
  const target = await readlink(usual()).catch(() => undefined);
  if (target === inventory) return true;
  if (existsSync(usual())) return false;
  await rm(usual(), { force: true });
  await mkdir(dirname(usual()), { recursive: true, mode: 0o700 });
  await symlink(inventory, usual());
  return true;
}

/** Takes a lab's inventory back as the usual one, when the lab goes. */
export async function noLongerUsual(inventory: string): Promise<void> {
  if ((await readlink(usual()).catch(() => undefined)) === inventory) await rm(usual());
}
