import { basename, join } from 'node:path';
import { cached, recipeDigest } from './cache.js';
import { must } from './program.js';
import { inThrowaway } from './workshop.js';

/** Fetches each package with all it needs and recommends, as a host of the lab would, and writes apt's index of them. */
const gather = `
apt-get install -y -qq --no-install-recommends apt-utils
mkdir -p /packages/partial
for package; do apt-get install -y -qq --download-only -o Dir::Cache::archives=/packages "$package"; done
rm -rf /packages/partial /packages/lock
cd /packages
apt-ftparchive packages . >Packages
apt-ftparchive release . >Release`;

/** A folder that apt takes as a repository, with all that the given packages need on top of the base. */
export async function ensurePackages(
  base: string,
  packages: readonly string[],
  say: (line: string) => void,
): Promise<string> {
  const wanted = [...packages].sort();
  const name = `packages-${recipeDigest(basename(base), gather, ...wanted)}`;
  return cached(name, async (folder) => gatherPackages(base, wanted, folder, say), say);
}

async function gatherPackages(
  base: string,
  packages: readonly string[],
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  say(`fetching the packages that hosts can install offline: ${packages.join(' ') || 'none'}`);
  await inThrowaway(base, folder, async (chroot, upper) => {
    await chroot(['apt-get', 'update', '-qq']);
    await chroot(['sh', '-euc', gather, 'sh', ...packages]);
    await must(['sh', '-c', 'mv -- "$1"/* "$2"', 'sh', join(upper, 'packages'), folder]);
  });
}
