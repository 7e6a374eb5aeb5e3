import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packagesName } from '../host-files.js';
import { hostFolder } from '../host.js';
import type { LabRecord } from '../record.js';
import { repositoryFingerprint, repositoryKey } from './repository.js';

/** The path of the vendor's repository on the lab's package server. */
export const gluuPath = 'gluu';

/** Prepares, before its first start, what a lab with Gluu has beside plain hosts. */
export async function furnishGluu(record: LabRecord): Promise<void> {
  const { gluu } = record.description;
  if (!gluu || !record.gluu) return;
  await copyFile(join(record.gluu, repositoryKey), join(record.folder, repositoryKey));
  for (const host of record.hosts.filter((each) => gluu.console.includes(each.name)))
    await writeFile(join(hostFolder(record, host, 'root'), 'etc/default/gluu-server'), 'CONSOLE=yes\n');
}

/** What the inventory tells of a host: where the vendor's packages are, how they are trusted, how a container is entered. */
export async function gluuValues(record: LabRecord, host: string): Promise<Record<string, string>> {
  const { gluu } = record.description;
  if (!gluu || !record.gluu) return {};
  return {
    gluu_repository: `http://${packagesName}/${gluuPath}/`,
    gluu_key_fingerprint: await readFile(join(record.gluu, repositoryFingerprint), 'utf8'),
    gluu_entry: gluu.console.includes(host) ? 'ssh' : 'chroot',
  };
}
