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

/** Package servers whose namespace no longer has a name. */
async function orphanedServers(): Promise<string[]> {
  const named = new Set(
    await Promise.all((await readdir('/run/netns')).map(async (name) => (await stat(`/run/netns/${name}`)).ino)),
  );
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const told = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const inode = await stat(`/proc/${pid}/ns/net`).then(
        ({ ino }) => ino,
        () => 0,
      );
      return words.includes('serve-packages') && inode !== 0 && !named.has(inode)
        ? `process ${pid} serves packages`
        : '';
    }),
  );
  return told.filter(Boolean);
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
