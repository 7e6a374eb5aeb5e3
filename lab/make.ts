import { chmod, readFile, writeFile } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import { ensureBase } from './base.js';
import type { CheckedDescription } from './description.js';
import { furnishDirectory } from './directory.js';
import { LabError } from './error.js';
import { furnishGluu, gluuPath } from './gluu/hosts.js';
import { ensureGluuRepository } from './gluu/repository.js';
import { furnishHost } from './host-files.js';
import { answers, bootHost, detach, hostFolder, mountHost } from './host.js';
import { ensureImage } from './image.js';
import { inventoryText } from './inventory.js';
import {
  claimNetwork,
  namespaceFile,
  packagesAddress,
  raiseNetwork,
  standingNamespaces,
  switchOf,
  switchStands,
} from './network.js';
import { inNewFolder } from './new-folder.js';
import { directoryOf, labHosts } from './open.js';
import { ensurePackages } from './packages.js';
import { defaultLabFolder } from './places.js';
import { killAll, processesOf } from './processes.js';
import { must } from './program.js';
import { inventoryFile, keyFile, writeRecord, type HostRecord, type LabRecord } from './record.js';

export interface Plan {
  readonly name: string;
  readonly description: CheckedDescription;
  readonly folder: string | undefined;
  readonly say: (line: string) => void;
}

/** Makes a lab of which nothing is there; takes all away again where that fails. */
export async function makeLab(plan: Plan): Promise<LabRecord> {
  const folder = resolve(plan.folder ?? defaultLabFolder(plan.name));
  const base = await ensureBase(plan.say);
  const packages = await ensurePackages(base, plan.description.packages, plan.say);
  const { gluu: wanted } = plan.description;
  const gluu = wanted && (await ensureGluuRepository(base, wanted.versions, plan.say));
  const images = await ensureImages(plan, base);
  return inNewFolder(plan.name, folder, async () => {
    const network = await claimNetwork(plan.name);
    const hosts = hostRecords(plan.description, network, images);
    const { name, description } = plan;
    const record: LabRecord = { name, folder, network, packages, ...(gluu && { gluu }), description, hosts };
    await furnish(record);
    await raiseLab(record);
    await writeFile(
      join(folder, inventoryFile),
      await inventoryText(record, await labHosts(record), directoryOf(record)),
    );
    // Written last: a lab without a record is unfinished, and the next `up` starts over.
    await writeRecord(record);
    return record;
  });
}

/** Starts what of a lab does not run, also after a restart of the machine. */
export async function raiseLab(record: LabRecord): Promise<LabRecord> {
  if (!switchStands(record.name)) await Promise.all((await standingNamespaces(record.name)).map(killAll));
  await raiseNetwork(record);
  await Promise.all([servePackages(record), ...record.hosts.map((host) => startHost(record, host))]);
  return record;
}

async function startHost(record: LabRecord, host: HostRecord): Promise<void> {
  await mountHost(record, host);
  await bootHost(record, host);
  if (record.description.directory?.host !== host.name) return;
  if (!(await answers(host.address, 636)))
    throw new LabError(`slapd on the host ${host.name} does not answer on port 636`);
}

/** Images by host name; equal wishes share one. */
async function ensureImages(plan: Plan, base: string): Promise<ReadonlyMap<string, string>> {
  const images = new Map<string, string>();
  for (const [name, host] of Object.entries(plan.description.hosts))
    images.set(name, await ensureImage(base, host.preinstalled, plan.say));
  return images;
}

function hostRecords(
  description: CheckedDescription,
  network: string,
  images: ReadonlyMap<string, string>,
): HostRecord[] {
  return Object.entries(description.hosts).map(([name, host], index) => ({
    name,
    index,
    address: `${network}.${11 + index}`,
    fqdn: host.fqdn ?? `${name}.${description.domain}`,
    image: images.get(name) ?? '',
  }));
}

async function furnish(record: LabRecord): Promise<void> {
  await Promise.all(record.hosts.map((host) => mountHost(record, host)));
  const publicKey = await makeKey(record);
  await Promise.all(record.hosts.map((host) => furnishHost(record, host, publicKey)));
  const directory = record.description.directory;
  const host = record.hosts.find((each) => each.name === directory?.host);
  if (directory && host) await furnishDirectory(record, host, directory);
  await furnishGluu(record);
}

/** Makes the key pair by which root logs in everywhere, with the `ssh-keygen` of a host; returns the public line. */
async function makeKey(record: LabRecord): Promise<string> {
  const [host] = record.hosts;
  const root = host ? hostFolder(record, host, 'root') : '/';
  await must([
    'chroot',
    root,
    'ssh-keygen',
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    `lab ${record.name}`,
    '-f',
    `/${keyFile}`,
  ]);
  for (const file of [keyFile, `${keyFile}.pub`]) await must(['mv', join(root, file), join(record.folder, file)]);
  await chmod(join(record.folder, keyFile), 0o600);
  return readFile(join(record.folder, `${keyFile}.pub`), 'utf8');
}

/** The package server stands in the switch's namespace, as a machine of the lab's own network. */
async function servePackages(record: LabRecord): Promise<void> {
  const name = switchOf(record.name);
  if ((await processesOf(name)).length > 0) return;
  const program = join(import.meta.dirname, `serve-packages${extname(import.meta.filename)}`);
  const folders = [record.packages, ...(record.gluu ? [`${gluuPath}=${record.gluu}`] : [])];
  const argv = ['nsenter', `--net=${namespaceFile(name)}`, process.execPath, program, ...folders];
  await detach(argv, join(record.folder, 'packages.log'));
  if (!(await answers(packagesAddress(record.network), 80)))
    throw new LabError(`the lab's package server does not answer: see ${join(record.folder, 'packages.log')}`);
}
