import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from './error.js';
import { withLock } from './lock.js';
import { runFolder } from './places.js';
import { must, programPath, run } from './program.js';

/** What the lab needs of the machine, and the Debian package it comes in. */
export const needs: readonly (readonly [file: string, debianPackage: string])[] = [
  ['debootstrap', 'debootstrap'],
  ['/usr/share/keyrings/debian-archive-keyring.gpg', 'debian-archive-keyring'],
  ['ip', 'iproute2'],
  ['iptables', 'iptables'],
  ['getfattr', 'attr'],
  ['flock', 'util-linux'],
  ['nsenter', 'util-linux'],
  ['unshare', 'util-linux'],
  ['mount', 'mount'],
];

/**
 * Makes sure that this machine can carry a lab, and installs the Debian packages that are missing.
 * @throws LabError with one line on what to do instead
 */
export async function prepareMachine(say: (line: string) => void): Promise<void> {
  const obstacle = machineObstacle();
  if (obstacle) throw new LabError(obstacle);
  if ((await missingPackages()).length === 0) return;
  await withLock(join(runFolder, 'machine.lock'), async () => installPackages(await missingPackages(), say));
}

/** Why no preparation would make this machine carry a lab, or undefined. */
export function machineObstacle(): string | undefined {
  if (process.platform !== 'linux')
    return 'the lab makes hosts of Linux namespaces: run it on Linux (a virtual machine will do), or give Belay an inventory of hosts of your own';
  if (process.geteuid?.() !== 0)
    return 'the lab makes network namespaces and mounts, which only root may: run it with sudo, or give Belay an inventory of hosts of your own';
  return undefined;
}

/** Debian packages that the lab needs and this machine lacks. */
export async function missingPackages(): Promise<string[]> {
  const found = await Promise.all(needs.map(([file]) => isThere(file)));
  return [...new Set(needs.filter((_, index) => !found[index]).map(([, debianPackage]) => debianPackage))];
}

async function isThere(file: string): Promise<boolean> {
  if (file.startsWith('/')) return existsSync(file);
  const tries = programPath.split(':').map((folder) => access(join(folder, file), constants.X_OK));
  return Promise.any(tries).then(
    () => true,
    () => false,
  );
}

async function installPackages(packages: readonly string[], say: (line: string) => void): Promise<void> {
  if (packages.length === 0) return;
  if ((await run(['sh', '-c', 'command -v apt-get'])).code !== 0)
    throw new LabError(`the lab needs ${packages.join(', ')}: install them with this machine's package manager`);
  say(`installing Debian packages that the lab needs: ${packages.join(' ')}`);
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  await must(['apt-get', ...wait, 'update', '-qq'], { environment });
  await must(['apt-get', ...wait, 'install', '-y', '-qq', '--no-install-recommends', ...packages], { environment });
}
