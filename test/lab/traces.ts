import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { mountsBeneath } from '../../lab/mounts.js';
import { linkOf, standingNamespaces } from '../../lab/network.js';
import { runFolder } from '../../lab/places.js';

/** All that a lab has left on this machine: namespaces, link, mounts, processes, files. */
export async function traces(lab: string, folder: string): Promise<string[]> {
  return [
    ...(await standingNamespaces(lab)).map((each) => `namespace ${each}`),
    ...(await mountsBeneath(folder)).map((each) => `mount ${each}`),
    ...(await processesThatName(folder)),
    ...(await orphanedServers()),
    ...[`/sys/class/net/${linkOf(lab)}`, folder, `${runFolder}/${lab}`].filter(existsSync),
  ];
}

/** Package servers whose namespace no longer has a name where they run: other checkouts may have labs out of our sight. */
async function orphanedServers(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const told = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      if (!words.includes('serve-packages')) return '';
      const [own] = await inodesOf([`/proc/${pid}/ns/net`]);
      const names = `/proc/${pid}/root/run/netns`;
      const named = await inodesOf((await readdir(names).catch(() => [])).map((name) => `${names}/${name}`));
      return own === undefined || named.includes(own) ? '' : `process ${pid} serves packages`;
    }),
  );
  return told.filter(Boolean);
}

/** Inodes of those of these files that are there. */
async function inodesOf(files: readonly string[]): Promise<number[]> {
  const found = files.map(async (file) =>
    stat(file).then(
      ({ ino }) => [ino],
      () => [],
    ),
  );
  return (await Promise.all(found)).flat();
}

/** Processes whose arguments, root or working folder lie in a folder, this one aside. */
async function processesThatName(folder: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const told = await Promise.all(
    pids.map(async (pid) => {
      const [words, mounts] = await Promise.all(
        ['cmdline', 'mounts'].map((file) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')),
      );
      const rooted = mounts?.split('\n').some((line) => line.includes(' / overlay') && line.includes(`${folder}/`));
      return words?.includes(`${folder}/`) || rooted ? `process ${pid} ${words?.replaceAll('\0', ' ')}` : '';
    }),
  );
  return told.filter(Boolean);
}
