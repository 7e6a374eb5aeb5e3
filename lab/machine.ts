import { existsSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from './error.js';
import { withLock } from './lock.js';
import { runFolder } from './places.js';
import { must, programPath, run } from './program.js';

/** Programs, by name or path, and the Debian packages they come in. */
export type Needs = readonly (readonly [file: string, debianPackage: string])[];

/** What the lab needs of the machine. */
export const needs: Needs = [
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
  await ensurePackages(needs, say);
}

/** Installs what is missing of some needs. @throws LabError where this machine has no apt */
export async function ensurePackages(wanted: Needs, say: (line: string) => void): Promise<void> {
  if ((await missingPackages(wanted)).length === 0) return;
  await withLock(join(runFolder, 'machine.lock'), async () => installPackages(await missingPackages(wanted), say));
}

/** Why no preparation would make this machine carry a lab, or undefined. */
export function machineObstacle(): string | undefined {
  if (process.platform !== 'linux')
    return 'the lab makes hosts of Linux namespaces: run it on Linux (a virtual machine will do), or give Belay an inventory of hosts of your own';
  if (process.geteuid?.() !== 0)
    return 'the lab makes network namespaces and mounts, which only root may: run it with sudo, or give Belay an inventory of hosts of your own';
  return undefined;
}

/** Debian packages that are needed and that this machine lacks. */
export async function missingPackages(wanted: Needs = needs): Promise<string[]> {
  const found = await Promise.all(wanted.map(([file]) => isThere(file)));
  return [...new Set(wanted.filter((_, index) => !found[index]).map(([, debianPackage]) => debianPackage))];
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
    throw new LabError(`${packages.join(', ')} must be there: install them with this machine's package manager`);
  say(`installing Debian packages: ${packages.join(' ')}`);
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  const environment = { DEBIAN_FRONTEND: 'noninteractive' };
  await must(['apt-get', ...wait, 'update', '-qq'], { environment });
  await must(['apt-get', ...wait, 'install', '-y', '-qq', '--no-install-recommends', ...packages], { environment });
}
