import { join } from 'node:path';
import { readAllowances, setApart } from './allowance.js';
import { differences } from './difference.js';
import { authorityFile, passwordFile } from './directory.js';
import { LabError } from './error.js';
import { hostKeys } from './host-files.js';
import { bootHost, cutPower, enter, execute, hostFolder, initOf, inside } from './host.js';
import type { Lab, LabDirectory, LabHost } from './lab.js';
import { keepMark, readMark, readState } from './mark.js';
import { filterHost } from './network.js';
import { roomFile } from './places.js';
import { inventoryFile, keyFile, type HostRecord, type LabRecord } from './record.js';

/** A lab to work with, from what is kept of it. */
export async function openLab(record: LabRecord): Promise<Lab> {
  const hosts = await labHosts(record);
  const find = (name: string): HostRecord => findHost(record, name);
  const directory = directoryOf(record);
  return {
    name: record.name,
    folder: record.folder,
    hosts,
    ...(directory && { directory }),
    inventoryFile: join(record.folder, inventoryFile),
    keyFile: join(record.folder, keyFile),
    host: (name) => hosts[find(name).index] as LabHost,
    isOn: async (name) => (await initOf(record, find(name))) !== undefined,
    powerCut: (name) => cutPower(record, find(name)),
    powerOn: (name) => bootHost(record, find(name)),
    exec: (name, argv, input) => execute(record, find(name), argv, input),
    enter: (name) => enter(record, find(name)),
    inside: (name) => inside(record, find(name)),
    cut: (name, how) => filterHost(record.name, find(name).name, how),
    heal: (name) => filterHost(record.name, find(name).name, 'none'),
    mark: async (name) => keepMark(record, name, await readState(record)),
    diff: async (name) => {
      const found = differences(await readMark(record, name), await readState(record));
      return setApart(found, await readAllowances(roomFile('allowed-differences.yaml')));
    },
  };
}

export async function labHosts(record: LabRecord): Promise<LabHost[]> {
  return Promise.all(
    record.hosts.map(async (host) => ({
      name: host.name,
      address: host.address,
      fqdn: host.fqdn,
      port: 22,
      hostKeys: await hostKeys(record, host),
      root: hostFolder(record, host, 'root'),
      upper: hostFolder(record, host, 'upper'),
    })),
  );
}

function findHost(record: LabRecord, name: string): HostRecord {
  const host = record.hosts.find((each) => each.name === name);
  if (host) return host;
  throw new LabError(
    `the lab ${record.name} has no host "${name}": it has ${record.hosts.map((each) => each.name).join(', ')}`,
  );
}

export function directoryOf(record: LabRecord): LabDirectory | undefined {
  const described = record.description.directory;
  if (!described) return undefined;
  const { host, suffix, manager } = described;
  const [password, authority] = [passwordFile, authorityFile].map((file) => join(record.folder, file)) as [
    string,
    string,
  ];
  const url = `ldaps://${findHost(record, host).address}:636`;
  return { host, url, suffix, manager, passwordFile: password, authorityFile: authority };
}
