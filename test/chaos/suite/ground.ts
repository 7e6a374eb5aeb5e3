import { spawn, type ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { namespaceOf } from '../../../lab/network.js';
import { labDown, labUp, type Lab } from '../../../lab/lab.js';
import { must } from '../../../lab/program.js';
import { startBelay, type Belay } from '../../end-to-end/belay.js';
import { makeDisk, type Disk } from './disk.js';
import { ledgerFolder } from './small-plan.js';
import { startWire, type Strike, type Wire } from './wire.js';

/** What all faults share: hosts, the whole of Belay, and everything between them that can be made to fail. */
export interface Ground {
  readonly lab: Lab;
  readonly belay: Belay;
  readonly folder: string;
  /** The inventory in which everything is reached through the wires. */
  readonly inventory: string;
  /** Between the worker and each node. */
  readonly wires: Readonly<Record<string, Wire>>;
  /** Between the worker and the directory. */
  readonly ldapWire: RemoteWire;
  /** Under the hosts; under Postgres, Temporal and the worker. */
  readonly disks: { readonly hosts: Disk; readonly belay: Disk };
  /** Where the ledger of a host lies on this machine. */
  ledger(host: string): string;
  /** Writes down what the API has answered for. */
  acknowledge(what: 'run' | 'verb', id: string): void;
  readonly acknowledged: string;
  close(): Promise<void>;
}

export type RemoteWire = Pick<Wire, 'strike' | 'heal' | 'struck' | 'close'>;

export const nodes = ['node1', 'node2'];
const name = 'chaos-suite';
const ldapPort = 1636;

export async function openGround(): Promise<Ground> {
  await labDown(name);
  const folder = mkdtempSync('/var/tmp/belay-chaos-');
  chmodSync(folder, 0o755);
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const disks = {
      hosts: await makeDisk(join(folder, 'hosts.img'), join(folder, 'hosts'), 192),
      belay: await makeDisk(join(folder, 'belay.img'), join(folder, 'belay'), 384),
    };
    closing.push(disks.hosts.remove, disks.belay.remove, () => labDown(name));
    const lab = await labUp({
      name,
      description: 'lab/descriptions/chaos.yaml',
      folder: join(disks.hosts.folder, 'lab'),
    });
    const ledgers = join(folder, 'ledgers');
    for (const host of nodes) await keepLedger(lab, host, join(ledgers, host));
    const wires: Record<string, Wire> = {};
    for (const host of nodes)
      wires[host] = await startWire({ host: lab.host(host).address, port: 22 }, { host: '127.0.0.1', port: 0 });
    const ldapWire = await wireOnHost(lab.directory!.host);
    closing.push(ldapWire.close, ...Object.values(wires).map((wire) => wire.close));
    const belay = await startBelay(lab, { BELAY_OUTCOME_SECONDS: '40' }, join(disks.belay.folder, 'data'));
    closing.push(belay.stop);
    const acknowledged = join(folder, 'acknowledged');
    writeFileSync(acknowledged, '');
    return {
      ...{ lab, belay, folder, wires, ldapWire, disks, acknowledged, close },
      inventory: throughWires(lab, wires, join(folder, 'inventory.yaml')),
      ledger: (host) => join(ledgers, host, 'ledger'),
      acknowledge: (what, id) => appendFileSync(acknowledged, `${what} ${id}\n`),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Puts a folder of this machine under the host's ledger; a host sees what was mounted before its power came on. */
async function keepLedger(lab: Lab, host: string, folder: string): Promise<void> {
  await lab.powerCut(host);
  const place = join(lab.host(host).root, ledgerFolder);
  for (const one of [folder, place]) mkdirSync(one, { recursive: true });
  writeFileSync(join(folder, 'ledger'), '');
  await must(['mount', '--bind', folder, place]);
  await lab.powerOn(host);
}

/** The lab's inventory, but everything in it is reached through a wire. */
function throughWires(lab: Lab, wires: Readonly<Record<string, Wire>>, file: string): string {
  const inventory = parse(readFileSync(lab.inventoryFile, 'utf8')) as {
    hosts: Record<string, { address: string; port: number; values: Record<string, string> }>;
  };
  for (const [host, wire] of Object.entries(wires))
    Object.assign(inventory.hosts[host]!, { address: '127.0.0.1', port: wire.port });
  const { host } = lab.directory!;
  inventory.hosts[host]!.values['ldap_url'] = `ldaps://${lab.host(host).address}:${String(ldapPort)}`;
  writeFileSync(file, stringify(inventory, { lineWidth: 0 }));
  return file;
}

/** The directory's certificate names its own address, so that wire stands on the host itself. */
async function wireOnHost(host: string): Promise<RemoteWire> {
  const program = join(import.meta.dirname, 'wire-program.js');
  const inside = ['netns', 'exec', namespaceOf(name, host), process.execPath, program, String(ldapPort), '636'];
  const child: ChildProcess = spawn('ip', inside, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let struck = 0;
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error('the wire to the directory has ended')));
    child.on('message', (count: number) => ((struck = count), resolve()));
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    strike: (strike: Strike) => ((struck = 0), void child.send(strike)),
    heal: () => void child.send('heal'),
    struck: () => struck,
    close: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** The process of one of Belay's parts, as its supervisor knows it. */
export function pidOf(ground: Ground, part: string): number | undefined {
  const file = join(ground.belay.data, 'children.json');
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as Record<string, { pid: number }>)[part]?.pid;
}
