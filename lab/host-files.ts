import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostFolder } from './host.js';
import { packagesAddress } from './network.js';
import { must } from './program.js';
import type { HostRecord, LabRecord } from './record.js';

/** The name under which hosts reach the lab's packages. */
export const packagesName = 'packages.lab.test';

/** Gives a host, before its first start, what is its own: its name, its keys, who may log in, where packages come from. */
export async function furnishHost(record: LabRecord, host: HostRecord, publicKey: string): Promise<void> {
  const root = hostFolder(record, host, 'root');
  await writeFile(join(root, 'etc/hostname'), `${host.name}\n`);
  await writeFile(join(root, 'etc/hosts'), hostsFile(record));
  await mkdir(join(root, 'root/.ssh'), { mode: 0o700, recursive: true });
  await writeFile(join(root, 'root/.ssh/authorized_keys'), publicKey, { mode: 0o600 });
  await setPackageSource(record, root);
  await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/lab'), unsafe);
  for (const kind of ['ed25519', 'ecdsa'])
    await must([
      'chroot',
      root,
      'ssh-keygen',
      '-q',
      '-t',
      kind,
      '-N',
      '',
      '-C',
      host.name,
      '-f',
      `/etc/ssh/ssh_host_${kind}_key`,
    ]);
}

/** Files of a host are gone with its lab, so that nothing is gained by waiting until the machine's disk has them. */
const unsafe = 'force-unsafe-io\n';

/** The host's public keys, `type base64`, as an inventory pins them. */
export async function hostKeys(record: LabRecord, host: HostRecord): Promise<string[]> {
  const files = ['ed25519', 'ecdsa'].map((kind) =>
    join(hostFolder(record, host, 'root'), `etc/ssh/ssh_host_${kind}_key.pub`),
  );
  const lines = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return lines.map((line) => line.split(' ').slice(0, 2).join(' '));
}

function hostsFile(record: LabRecord): string {
  const lines = record.hosts.map((each) => `${each.address} ${each.fqdn} ${each.name}`);
  return [
    '127.0.0.1 localhost',
    '::1 localhost',
    `${packagesAddress(record.network)} ${packagesName}`,
    ...lines,
    '',
  ].join('\n');
}

/** The index and the lock lie where `apt-get update` would put it, so that a new host can install at once. */
async function setPackageSource(record: LabRecord, root: string): Promise<void> {
  await writeFile(join(root, 'etc/apt/sources.list'), `deb [trusted=yes] http://${packagesName}/ ./\n`);
  await writeFile(join(root, 'var/lib/apt/lists/lock'), '', { mode: 0o640 });
  for (const file of ['Packages', 'Release'])
    await copyFile(join(record.packages, file), join(root, 'var/lib/apt/lists', `${packagesName}_._${file}`));
}
