import { basename, join } from 'node:path';
import { rm } from 'node:fs/promises';
import { cached, recipeDigest } from './cache.js';
import { must } from './program.js';
import { inWorkshop } from './workshop.js';

/** Answers to what packages ask: slapd would otherwise make a database of its own. */
const answers = 'slapd slapd/no_configuration boolean true\n';

/** The file system of hosts that have packages from the start: the base itself where there are none. */
export async function ensureImage(
  base: string,
  packages: readonly string[],
  say: (line: string) => void,
): Promise<string> {
  if (packages.length === 0) return base;
  const wanted = [...packages].sort();
  const name = `image-${recipeDigest(basename(base), answers, ...wanted)}`;
  return cached(name, async (folder) => makeImage(base, wanted, folder, say), say);
}

async function makeImage(
  base: string,
  packages: readonly string[],
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  say(`making the image of hosts that have ${packages.join(' ')} from the start`);
  await must(['cp', '-a', `${base}/.`, folder]);
  await inWorkshop(folder, async (chroot) => {
    await chroot(['sh', '-c', `printf '%s' "$1" | debconf-set-selections`, 'sh', answers]);
    await chroot(['apt-get', 'update', '-qq']);
    await chroot(['apt-get', 'install', '-y', '-qq', ...packages]);
    await chroot(['apt-get', 'clean']);
  });
  await must(['find', join(folder, 'var/lib/apt/lists'), '-type', 'f', '-delete']);
  await rm(join(folder, 'var/log/apt'), { recursive: true, force: true });
}
