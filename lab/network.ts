import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from './error.js';
import { withLock } from './lock.js';
import { runFolder } from './places.js';
import { must, run } from './program.js';
import type { HostRecord, LabRecord } from './record.js';

const namespaces = '/run/netns';
const ranges = ['10.90', '100.90', '172.29'] as const;

/** The network namespace of a host; `.` is in no name, so that no lab's prefix is another's. */
export function namespaceOf(lab: string, host: string): string {
  return `belay.${lab}.${host}`;
}

/** The namespace that holds the lab's bridge and its package server. No host can have this name. */
export function switchOf(lab: string): string {
  return namespaceOf(lab, '_switch');
}

export function namespaceFile(namespace: string): string {
  return join(namespaces, namespace);
}

/** The lab's one link in the machine's own network; link names have at most 15 characters. */
export function linkOf(lab: string): string {
  return `bl-${lab.length <= 12 ? lab : digest(lab).toString('hex').slice(0, 12)}`;
}

/** The address at which the package server listens. */
export function packagesAddress(network: string): string {
  return `${network}.1`;
}

/**
 * Chooses a free /24 and makes the machine's end of it, so that no other lab chooses the same.
 * @param wanted - the first three numbers, where the hosts know their addresses already
 * @returns the first three numbers
 * @throws LabError where none is free, or not the one that is wanted
 */
export async function claimNetwork(lab: string, wanted?: string): Promise<string> {
  return withLock(join(runFolder, 'network.lock'), async () => {
    const network = wanted === undefined ? await freeNetwork(lab) : await stillFree(wanted);
    await makeSwitch(lab, network);
    return network;
  });
}

/** Makes what of the lab's network is not there. Processes of its hosts must have ended if the switch is not. */
export async function raiseNetwork(record: LabRecord): Promise<void> {
  if (!switchStands(record.name)) {
    await removeNetwork(record.name);
    await withLock(join(runFolder, 'network.lock'), () => makeSwitch(record.name, record.network));
  }
  await Promise.all(record.hosts.map((host) => connectHost(record, host)));
}

/** Lets a host's packets through its switch port, or loses them all. */
export async function setPort(lab: string, host: HostRecord, state: 'up' | 'down'): Promise<void> {
  await must(['ip', '-n', switchOf(lab), 'link', 'set', portOf(host), state]);
}

/** Cuts a host from the network by packet filter, or ends that. */
export async function filterHost(lab: string, host: string, how: 'DROP' | 'REJECT' | 'none'): Promise<void> {
  const filter = (...words: string[]): string[] => [
    'ip',
    'netns',
    'exec',
    namespaceOf(lab, host),
    'iptables',
    '-w',
    ...words,
  ];
  for (const chain of ['INPUT', 'OUTPUT']) await must(filter('-F', chain));
  if (how === 'DROP') {
    await must(filter('-A', 'INPUT', '-i', 'eth0', '-j', 'DROP'));
    await must(filter('-A', 'OUTPUT', '-o', 'eth0', '-j', 'DROP'));
  }
  if (how === 'REJECT') {
    await must(filter('-A', 'INPUT', '-i', 'eth0', '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'tcp-reset'));
    await must(filter('-A', 'INPUT', '-i', 'eth0', '-j', 'REJECT'));
  }
}

/** Namespaces of a lab that are there, whatever is recorded of it. */
export async function standingNamespaces(lab: string): Promise<string[]> {
  const names = await readdir(namespaces).catch(() => []);
  return names.filter((name) => name.startsWith(`belay.${lab}.`));
}

export async function removeNetwork(lab: string): Promise<void> {
  await Promise.all((await standingNamespaces(lab)).map((namespace) => run(['ip', 'netns', 'del', namespace])));
  await run(['ip', 'link', 'del', linkOf(lab)]);
}

/** @throws LabError where every candidate overlaps a route of the machine */
async function freeNetwork(lab: string): Promise<string> {
  const taken = await routes();
  const start = digest(lab)[0] ?? 0;
  for (const range of ranges)
    for (let step = 0; step < 256; step++) {
      const network = `${range}.${(start + step) % 256}`;
      if (!taken.some((route) => overlaps(route, `${network}.0/24`))) return network;
    }
  throw new LabError(`no /24 of ${ranges.join(', ')} is free for the lab: \`ip route\` shows what takes them`);
}

async function stillFree(network: string): Promise<string> {
  if (!(await routes()).some((route) => overlaps(route, `${network}.0/24`))) return network;
  throw new LabError(
    `the addresses ${network}.0/24, which the hosts have, are in use on this machine: another lab stands there, or \`ip route\` shows what does`,
  );
}

/** Destinations the machine has routes to, the default route aside. */
async function routes(): Promise<string[]> {
  const listed = JSON.parse(await must(['ip', '-4', '-json', 'route', 'show', 'table', 'all'])) as { dst: string }[];
  return listed.map((route) => route.dst).filter((dst) => dst !== 'default');
}

/** True where two networks, `a.b.c.d/bits` (or one address), have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const [first, second] = [parseNetwork(one), parseNetwork(other)];
  const size = 2 ** (32 - Math.min(first.bits, second.bits));
  return Math.floor(first.address / size) === Math.floor(second.address / size);
}

function parseNetwork(text: string): { address: number; bits: number } {
  const [address = '', bits = '32'] = text.split('/');
  return { address: address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0), bits: Number(bits) };
}

/** True while the machine's end of the lab's network is there. */
export function switchStands(lab: string): boolean {
  return existsSync(namespaceFile(switchOf(lab))) && existsSync(`/sys/class/net/${linkOf(lab)}`);
}

/**
 * The bridge lies in a namespace of its own, where no packet filter of the machine (such as Docker's) reaches what
 * the hosts say to each other.
 */
async function makeSwitch(lab: string, network: string): Promise<void> {
  const [name, link] = [switchOf(lab), linkOf(lab)];
  await must(['ip', 'netns', 'add', name]);
  await batch([
    `link add ${link} type veth peer name machine netns ${name}`,
    `address add ${network}.254/24 dev ${link}`,
    `link set ${link} up`,
  ]);
  await batch(
    [
      'link add bridge type bridge',
      `address add ${packagesAddress(network)}/24 dev bridge`,
      'link set machine master bridge',
      ...['lo', 'machine', 'bridge'].map((each) => `link set ${each} up`),
    ],
    name,
  );
}

async function connectHost(record: LabRecord, host: HostRecord): Promise<void> {
  const name = namespaceOf(record.name, host.name);
  if (existsSync(namespaceFile(name))) return;
  const [hub, port] = [switchOf(record.name), portOf(host)];
  await must(['ip', 'netns', 'add', name]);
  await batch([`link add eth0 netns ${name} type veth peer name ${port} netns ${hub}`]);
  await batch([`address add ${host.address}/24 dev eth0`, 'link set eth0 up', 'link set lo up'], name);
  await batch([`link set ${port} master bridge`, `link set ${port} up`], hub);
}

function portOf(host: HostRecord): string {
  return `h${host.index}`;
}

async function batch(commands: readonly string[], namespace?: string): Promise<void> {
  await must(['ip', ...(namespace ? ['-n', namespace] : []), '-batch', '-'], { input: `${commands.join('\n')}\n` });
}

function digest(lab: string): Buffer {
  return createHash('sha256').update(lab).digest();
}
