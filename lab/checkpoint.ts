import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from './error.js';
import { booted, bootHost, hostFolder, initOf, shutDown } from './host.js';
import { withLock } from './lock.js';
import { removeFolder } from './mounts.js';
import { cacheFolder } from './places.js';
import { must } from './program.js';
import type { LabRecord } from './record.js';

/** What is kept of a lab at one moment: enough to make it again, also elsewhere and long after it is gone. */
export interface Checkpoint {
  readonly name: string;
  /** When it was saved, ISO 8601 in UTC. */
  readonly saved: string;
  /** Says to whoever made it from what; nothing here reads it. */
  readonly from?: string;
  readonly record: LabRecord;
}

export interface SaveOrder {
  /** Letters, digits, `-`, `_` and `.` */
  readonly checkpoint: string;
  /** Files and folders to keep with it; a lab made from it has copies in `with/`, beside those it had already. */
  readonly with?: readonly string[];
  readonly from?: string;
}

/** In a lab's folder: what came with the checkpoint it was made from. */
export const withFolder = 'with';

/** The folder of a checkpoint; it lies with what all labs share, so that it outlives every lab and every data folder. */
export function checkpointFolder(name: string): string {
  if (!/^[\w.-]{1,60}$/.test(name) || name.startsWith('.'))
    throw new LabError(`"${name}" cannot name a checkpoint: use letters, digits, "-", "_" and "."`);
  return join(cacheFolder(), 'checkpoints', name);
}

/**
 * Shuts the hosts of a lab down, keeps their own layers and the lab's files, and starts again what ran.
 * @throws LabError where a checkpoint of that name is there already
 */
export async function saveCheckpoint(record: LabRecord, order: SaveOrder): Promise<Checkpoint> {
  const folder = checkpointFolder(order.checkpoint);
  return withLock(`${folder}.lock`, async () => {
    if (existsSync(folder))
      throw new LabError(
        `there is a checkpoint ${order.checkpoint} already: \`belay lab forget ${order.checkpoint}\` removes it`,
      );
    return stoppedMeanwhile(record, () => keep(record, order, folder));
  });
}

/** @throws LabError where there is none of that name */
export async function readCheckpoint(name: string): Promise<Checkpoint> {
  const text = await readFile(join(checkpointFolder(name), 'checkpoint.json'), 'utf8').catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as Checkpoint;
  const others = (await checkpoints()).map((each) => each.name).join(', ');
  throw new LabError(`there is no checkpoint "${name}"${others && `: there are ${others}`}`);
}

/** All that are whole, by name. */
export async function checkpoints(): Promise<Checkpoint[]> {
  const folder = join(cacheFolder(), 'checkpoints');
  const names = (await readdir(folder).catch(() => [])).filter((name) =>
    existsSync(join(folder, name, 'checkpoint.json')),
  );
  return Promise.all(
    names
      .filter((name) => !name.endsWith('.making'))
      .sort()
      .map(readCheckpoint),
  );
}

/** Removes a checkpoint; returns false where there was none. */
export async function forgetCheckpoint(name: string): Promise<boolean> {
  const folder = checkpointFolder(name);
  return withLock(`${folder}.lock`, async () => {
    const there = existsSync(folder) || existsSync(`${folder}.making`);
    await removeFolder(folder);
    await removeFolder(`${folder}.making`);
    return there;
  });
}

/** Copies files with owners, modes and extended attributes; shares blocks where the file system can. */
export async function copyAll(from: readonly string[], to: string): Promise<void> {
  if (from.length > 0) await must(['cp', '-a', '--reflink=auto', '--', ...from, to]);
}

async function stoppedMeanwhile<T>(record: LabRecord, work: () => Promise<T>): Promise<T> {
  const inits = await Promise.all(record.hosts.map((host) => initOf(record, host)));
  const running = record.hosts.filter((_, index) => inits[index] !== undefined);
  try {
    await Promise.all(running.map((host) => shutDown(record, host)));
    return await work();
  } finally {
    await Promise.all(running.map((host) => bootHost(record, host)));
    await Promise.all(running.map((host) => booted(record, host)));
  }
}

async function keep(record: LabRecord, order: SaveOrder, folder: string): Promise<Checkpoint> {
  const making = `${folder}.making`;
  await removeFolder(making);
  // It holds what the hosts hold, private keys and databases included.
  await mkdir(join(making, 'lab', withFolder), { recursive: true, mode: 0o700 });
  for (const host of record.hosts) {
    await mkdir(join(making, 'hosts', host.name), { recursive: true });
    await copyAll([hostFolder(record, host, 'upper')], join(making, 'hosts', host.name));
  }
  await copyAll(await ownFiles(record), join(making, 'lab'));
  await copyAll(order.with ?? [], join(making, 'lab', withFolder));
  const { checkpoint: name, from } = order;
  const kept: Checkpoint = { name, saved: new Date().toISOString(), ...(from !== undefined && { from }), record };
  await writeFile(join(making, 'checkpoint.json'), `${JSON.stringify(kept, undefined, 2)}\n`, { mode: 0o600 });
  await rename(making, folder);
  return kept;
}

/** Belongs to the standing lab alone: hosts are kept apart, and the rest is made anew. */
const notKept = ['hosts', 'lab.json', 'packages.log', '.belay-lab'];

async function ownFiles(record: LabRecord): Promise<string[]> {
  const names = (await readdir(record.folder)).filter((name) => !notKept.includes(name));
  return names.map((name) => join(record.folder, name));
}
