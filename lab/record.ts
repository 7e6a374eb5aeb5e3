import { existsSync } from 'node:fs';
import { mkdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckedDescription } from './description.js';
import { defaultLabFolder, runFolder } from './places.js';

/** What is kept of a host; where its files lie follows from the lab's folder. */
export interface HostRecord {
  readonly name: string;
  /** Counts from 0; its switch port is `h<index>`, its address ends in 11 + index. */
  readonly index: number;
  readonly address: string;
  readonly fqdn: string;
  /** The folder its file system stands on. */
  readonly image: string;
}

/** What is kept of a lab, in `lab.json`: all that is needed to start it again, also after a restart of the machine. */
export interface LabRecord {
  readonly name: string;
  readonly folder: string;
  /** The first three numbers of its /24. */
  readonly network: string;
  /** The folder of its package repository. */
  readonly packages: string;
  /** The folder of the vendor's package repository, where the lab has one. */
  readonly gluu?: string;
  readonly description: CheckedDescription;
  readonly hosts: readonly HostRecord[];
}

/** Files in a lab's folder for whoever uses it. */
export const keyFile = 'lab-key';
export const inventoryFile = 'inventory.yaml';

/** Says which folder is that of a lab, from before its first file is made until its last one is gone. */
export async function register(lab: string, folder: string): Promise<void> {
  await mkdir(runFolder, { recursive: true });
  await rm(registration(lab), { force: true });
  await symlink(folder, registration(lab));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(
    join(folder, ownMark),
    `The files of the lab ${lab}; \`belay lab down --name ${lab}\` removes them.\n`,
  );
}

export async function unregister(lab: string): Promise<void> {
  await rm(registration(lab), { force: true });
}

/** The folder that a lab's files lie in, whether it is finished or not. */
export async function folderOf(lab: string): Promise<string | undefined> {
  const folder = await readlink(registration(lab)).catch(() => defaultLabFolder(lab));
  return existsSync(join(folder, ownMark)) ? folder : undefined;
}

/** True where a folder was made for a lab, so that a take-down may remove it. */
export function isOurs(folder: string): boolean {
  return existsSync(join(folder, ownMark));
}

export async function writeRecord(record: LabRecord): Promise<void> {
  const file = join(record.folder, 'lab.json');
  await writeFile(`${file}.new`, `${JSON.stringify(record, undefined, 2)}\n`);
  await rename(`${file}.new`, file);
}

/** The record of a finished lab, or undefined. */
export async function readRecord(lab: string): Promise<LabRecord | undefined> {
  const folder = await folderOf(lab);
  const text = folder && (await readFile(join(folder, 'lab.json'), 'utf8').catch(() => undefined));
  return text ? (JSON.parse(text) as LabRecord) : undefined;
}

const ownMark = '.belay-lab';

function registration(lab: string): string {
  return join(runFolder, lab);
}
