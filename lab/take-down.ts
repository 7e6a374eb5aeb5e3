import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { removeFolder } from './mounts.js';
import { linkOf, namespaceFile, removeNetwork, standingNamespaces } from './network.js';
import { killAll, killStrays } from './processes.js';
import { folderOf, unregister } from './record.js';

/**
 * Removes processes, namespaces, links, mounts and files of a lab. It goes by names alone and asks no record, so that it
 * also removes what a killed `lab up` has left.
 * @returns false where there was nothing
 */
export async function takeDown(lab: string): Promise<boolean> {
  const [namespaces, folder] = [await standingNamespaces(lab), await folderOf(lab)];
  if (namespaces.length === 0 && !folder && !existsSync(`/sys/class/net/${linkOf(lab)}`)) {
    await unregister(lab);
    return false;
  }
  const inodes = await Promise.all(namespaces.map(async (each) => (await stat(namespaceFile(each))).ino));
  await Promise.all(namespaces.map(killAll));
  await removeNetwork(lab);
  await killStrays(new Set(inodes));
  if (folder) await removeFolder(folder);
  await unregister(lab);
  return true;
}
