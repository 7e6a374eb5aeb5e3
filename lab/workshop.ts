import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './program.js';
import { removeFolder, unmountBeneath } from './mounts.js';

/**
 * Works in a file system as its root, with this machine's network, and leaves no trace of that in it. No service starts
 * meanwhile.
 */
export async function inWorkshop(
  root: string,
  work: (chroot: (argv: readonly string[]) => Promise<string>) => Promise<void>,
): Promise<void> {
  const policy = join(root, 'usr/sbin/policy-rc.d');
  const nameServers = join(root, 'etc/resolv.conf');
  await copyFile('/etc/resolv.conf', nameServers);
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await mkdir(join(root, 'proc'), { recursive: true });
  await must(['mount', '-t', 'proc', 'proc', join(root, 'proc')]);
  try {
    await work((argv) => must(['chroot', root, ...argv], { environment: { DEBIAN_FRONTEND: 'noninteractive' } }));
  } finally {
    await unmountBeneath(join(root, 'proc'));
    await Promise.all([rm(policy), rm(nameServers)]);
  }
}

/**
 * Works in a file system that stays as it is: what the work writes lies in `upper` until its end, and is then gone.
 * @param folder - where the throwaway layer lies meanwhile
 */
export async function inThrowaway(
  image: string,
  folder: string,
  work: (chroot: (argv: readonly string[]) => Promise<string>, upper: string, root: string) => Promise<void>,
): Promise<void> {
  const parts = (['upper', 'work', 'root'] as const).map((part) => join(folder, 'workshop', part));
  const [upper, scratch, root] = parts as [string, string, string];
  for (const part of parts) await mkdir(part, { recursive: true });
  const layers = `lowerdir=${image},upperdir=${upper},workdir=${scratch}`;
  await must(['mount', '-t', 'overlay', '-o', layers, 'belay-lab', root]);
  await inWorkshop(root, async (chroot) => work(chroot, upper, root));
  await removeFolder(join(folder, 'workshop'));
}
