import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { checkpointFolder, copyAll, readCheckpoint } from './checkpoint.js';
import { LabError } from './error.js';
import { booted, hostFolder } from './host.js';
import { raiseLab } from './make.js';
import { claimNetwork } from './network.js';
import { inNewFolder } from './new-folder.js';
import { cacheFolder, defaultLabFolder } from './places.js';
import { writeRecord, type LabRecord } from './record.js';

export interface RestoreOrder {
  readonly name: string;
  readonly checkpoint: string;
  readonly folder?: string | undefined;
}

/**
 * Makes a lab from a checkpoint, of which nothing is there: the same addresses, keys and files, new boot ids; returns
 * when its services have started as after a restart of the hosts.
 * @throws LabError where its addresses are in use, or what it stands on is gone from the cache
 */
export async function restoreLab(order: RestoreOrder): Promise<LabRecord> {
  const { record: kept } = await readCheckpoint(order.checkpoint);
  const folder = resolve(order.folder ?? defaultLabFolder(order.name));
  const record: LabRecord = { ...kept, ...standsOn(kept, order.checkpoint), name: order.name, folder };
  return inNewFolder(order.name, folder, async () => {
    await claimNetwork(order.name, record.network);
    await layFiles(record, checkpointFolder(order.checkpoint));
    await raiseLab(record);
    await Promise.all(record.hosts.map((host) => booted(record, host)));
    await writeRecord(record);
    return record;
  });
}

/** Images and packages, where this machine's cache has them. */
function standsOn(kept: LabRecord, checkpoint: string): Pick<LabRecord, 'packages' | 'gluu' | 'hosts'> {
  const here = (folder: string): string => {
    const found = join(cacheFolder(), basename(folder));
    if (existsSync(found)) return found;
    throw new LabError(`the checkpoint ${checkpoint} stands on ${found}, which is gone from the cache: make it anew`);
  };
  return {
    packages: here(kept.packages),
    ...(kept.gluu !== undefined && { gluu: here(kept.gluu) }),
    hosts: kept.hosts.map((host) => ({ ...host, image: here(host.image) })),
  };
}

async function layFiles(record: LabRecord, checkpoint: string): Promise<void> {
  const names = await readdir(join(checkpoint, 'lab'));
  await copyAll(
    names.map((name) => join(checkpoint, 'lab', name)),
    record.folder,
  );
  const copyHost = async (host: LabRecord['hosts'][number]): Promise<void> => {
    const upper = hostFolder(record, host, 'upper');
    await mkdir(join(upper, '..'), { recursive: true });
    await copyAll([join(checkpoint, 'hosts', host.name, 'upper')], join(upper, '..'));
  };
  await Promise.all(record.hosts.map(copyHost));
}
