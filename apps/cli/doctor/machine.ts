import { accessSync, constants, existsSync, readFileSync, statSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder, dataFolder } from '../folders.js';
import { advice, ok, wrong, type Finding } from './finding.js';

const gigabyte = 1024 ** 3;

/** `up` tells its children apart through `/proc` and locks its data by a name in the Linux kernel. */
export function system(): Finding {
  if (process.platform === 'linux') return ok('system', `Linux on ${process.arch}`);
  return wrong('system', process.platform, 'run Belay on Linux; the CLI can reach it there through BELAY_API_URL');
}

export function data(variables: NodeJS.ProcessEnv): Finding {
  const folder = dataFolder(variables);
  try {
    accessSync(existing(folder), constants.W_OK | constants.X_OK);
  } catch {
    return wrong('data folder', `${folder} cannot be written`, 'set BELAY_DATA to a folder that can');
  }
  const open = ['api-token', 'worker-key', 'postgres-password', 'up.json']
    .map((name) => join(folder, name))
    .filter((file) => existsSync(file) && (statSync(file).mode & 0o077) !== 0);
  if (open.length === 0) return ok('data folder', folder);
  return wrong('data folder', `others can read ${open.join(', ')}`, `chmod 600 ${open.join(' ')}`);
}

export function disk(variables: NodeJS.ProcessEnv): Finding {
  const folders = [dataFolder(variables), cacheFolder(variables)].map(existing);
  const free = Math.min(...folders.map((folder) => statfsSync(folder).bavail * statfsSync(folder).bsize)) / gigabyte;
  const found = `${free.toFixed(1)} GiB free`;
  if (free < 1) return wrong('disk', found, 'make room: Belay needs 1 GiB, the lab 3 GiB');
  if (free < 4) return advice('disk', found, 'the lab needs 3 GiB');
  return ok('disk', found);
}

export function memory(): Finding {
  const found = `${(totalmem() / gigabyte).toFixed(1)} GiB`;
  return totalmem() >= 2 * gigabyte ? ok('memory', found) : advice('memory', found, '2 GiB or more is better');
}

/** What the lab needs of the machine, and the Debian package it comes in; as `lab/machine.ts` has it. */
export const labNeeds: Readonly<Record<string, string>> = {
  debootstrap: 'debootstrap',
  '/usr/share/keyrings/debian-archive-keyring.gpg': 'debian-archive-keyring',
  ip: 'iproute2',
  iptables: 'iptables',
  getfattr: 'attr',
  flock: 'util-linux',
  nsenter: 'util-linux',
  unshare: 'util-linux',
  mount: 'mount',
};

/** What the lab is made of; it installs the missing Debian packages itself where there is apt. */
export function lab(variables: NodeJS.ProcessEnv): Finding {
  if (process.platform !== 'linux' || process.getuid?.() !== 0)
    return advice(
      'lab',
      'needs root on Linux',
      'for `belay demo` and `belay lab`, run them as root; `up` does not need it',
    );
  const overlay = readFileSync('/proc/filesystems', 'utf8').includes('overlay') || existsSync('/sys/module/overlay');
  if (!overlay) return advice('lab', 'the kernel has no overlay file system loaded', 'modprobe overlay');
  const missing = Object.entries(labNeeds).filter(([file]) => !isThere(file, variables));
  if (missing.length === 0) return ok('lab', 'root, overlays and all the programs it needs');
  const names = [...new Set(missing.map(([, name]) => name))].join(' ');
  return advice(
    'lab',
    `lacks ${names}`,
    `the lab installs it by itself where apt can reach Debian; or: apt-get install ${names}`,
  );
}

/** The nearest folder above that exists. */
function existing(folder: string): string {
  return existsSync(folder) ? folder : existing(dirname(folder));
}

/** A program on the path, or a file. */
function isThere(file: string, variables: NodeJS.ProcessEnv): boolean {
  if (file.startsWith('/')) return existsSync(file);
  return `${variables['PATH'] ?? ''}:/usr/sbin:/sbin`.split(delimiter).some((folder) => existsSync(join(folder, file)));
}
