import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readEntries } from './directory.js';
import { LabError } from './error.js';
import { hostFolder, initOf } from './host.js';
import { readLayer, type Deviation } from './layer.js';
import { namespaceOf } from './network.js';
import { listeningPorts } from './ports.js';
import { processesOf } from './processes.js';
import type { HostRecord, LabRecord } from './record.js';

/** What a host is like at one moment. */
export interface HostState {
  readonly files: readonly Deviation[];
  /** `uid 0: /usr/sbin/sshd …`, one for each process. */
  readonly processes: readonly string[];
  /** `tcp 0.0.0.0:22` */
  readonly ports: readonly string[];
  /** Of a directory server: the lines of each entry, by its name. */
  readonly entries: Readonly<Record<string, readonly string[]>>;
}

/** The states of all hosts of a lab, by name. */
export type LabState = Readonly<Record<string, HostState>>;

export async function readState(record: LabRecord): Promise<LabState> {
  const states = await Promise.all(
    record.hosts.map(async (host) => [host.name, await readHostState(record, host)] as const),
  );
  return Object.fromEntries(states);
}

export async function keepMark(record: LabRecord, name: string, state: LabState): Promise<void> {
  const file = markFile(record, name);
  await mkdir(join(record.folder, 'marks'), { recursive: true });
  // It holds what stands in /etc, passwords' hashes included.
  await writeFile(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** @throws LabError where no such mark was made */
export async function readMark(record: LabRecord, name: string): Promise<LabState> {
  const text = await readFile(markFile(record, name), 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new LabError(`there is no mark "${name}" in the lab ${record.name}: \`belay lab mark ${name}\` makes one`);
  return JSON.parse(text) as LabState;
}

function markFile(record: LabRecord, name: string): string {
  if (!/^[\w.-]{1,60}$/.test(name) || name.startsWith('.'))
    throw new LabError(`"${name}" cannot name a mark: use letters, digits, "-", "_" and "."`);
  return join(record.folder, 'marks', `${name}.json`);
}

async function readHostState(record: LabRecord, host: HostRecord): Promise<HostState> {
  const init = await initOf(record, host);
  const [files, processes, ports, entries] = await Promise.all([
    readLayer(hostFolder(record, host, 'upper'), host.image),
    processesOf(namespaceOf(record.name, host.name)),
    init === undefined ? [] : listeningPorts(init),
    readEntries(record, host),
  ]);
  const inside = processes.filter((each) => each.hostPid !== undefined);
  return { files, processes: inside.map((each) => `uid ${each.uid}: ${each.command}`).sort(), ports, entries };
}
