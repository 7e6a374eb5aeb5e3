import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, recipeDigest } from './cache.js';
import { LabError } from './error.js';
import { debianMirror } from './places.js';
import { must } from './program.js';

const release = 'bookworm';
const mirror = debianMirror();

/**
 * What every host has. `sysvinit-core` makes it a Debian of System V style, where packages start their services;
 * `systemd-standalone-sysusers`, `perl` and `netbase` are there so that installing a service does not pull half a system in.
 */
const packages = [
  ...['sysvinit-core', 'sysv-rc', 'initscripts', 'systemd-standalone-sysusers'],
  ...['openssh-server', 'ca-certificates', 'openssl', 'procps', 'iproute2', 'perl', 'netbase'],
];

/** No gettys and no mounting: a host of the lab has no terminals, and its mounts are there when init starts. */
const inittab = `id:2:initdefault:
l2:2:wait:/etc/init.d/rc 2 >/run/boot.log 2>&1
l0:06:wait:/sbin/reboot -f
`;

/** Keys, names and name servers belong to a host; bootlogs would copy the machine's kernel log into it. */
const unwanted = [
  ...['etc/resolv.conf', 'etc/hostname', 'usr/sbin/policy-rc.d', 'etc/rc2.d/S01bootlogs'],
  ...['rsa', 'ecdsa', 'ed25519'].map((kind) => `etc/ssh/ssh_host_${kind}_key`),
  ...['rsa', 'ecdsa', 'ed25519'].map((kind) => `etc/ssh/ssh_host_${kind}_key.pub`),
];

/** The folder with the file system that all hosts stand on: made by debootstrap once, in about a minute. */
export async function ensureBase(say: (line: string) => void): Promise<string> {
  const name = `base-${release}-${recipeDigest(mirror, inittab, ...packages, ...unwanted)}`;
  return cached(name, async (folder) => makeBase(folder, say), say);
}

async function makeBase(folder: string, say: (line: string) => void): Promise<void> {
  say(`making the lab's base from ${mirror} (Debian ${release}, once, about a minute)`);
  const argv = ['debootstrap', '--variant=minbase', `--include=${packages.join(',')}`, release, folder, mirror];
  await must(argv, { line: progress(say) }).catch((cause: unknown) => {
    const needed = 'the machine must reach a Debian mirror once; BELAY_LAB_MIRROR names another one';
    throw new LabError(`the lab's base cannot be made from ${mirror}: ${needed} (${(cause as Error).message})`, {
      cause,
    });
  });
  for (const file of unwanted) await rm(join(folder, file), { force: true });
  await must(['chroot', folder, 'apt-get', 'clean']);
  await must(['find', join(folder, 'var/lib/apt/lists'), '-type', 'f', '-delete']);
  await writeFile(join(folder, 'etc/inittab'), inittab);
}

/** Says what debootstrap does, at most every five seconds. */
function progress(say: (line: string) => void): (line: string) => void {
  const start = Date.now();
  let last = start;
  return (line) => {
    if (Date.now() - last < 5000) return;
    last = Date.now();
    say(`  ${Math.round((last - start) / 1000)} s: ${line.replace(/^I: /, '')}`);
  };
}
