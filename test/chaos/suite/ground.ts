// cspell:ignore auditlog changetype
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { namespaceOf } from '../../../lab/network.js';
import { labDown, labUp, type Lab } from '../../../lab/lab.js';
import { must } from '../../../lab/program.js';
import { belayAgain, startBelay, type Belay, type StartStack } from '../../end-to-end/belay.js';
import { findPostgresPlace } from '../../../apps/cli/up/postgres-place.js';
import { makeDisk, type Disk } from './disk.js';
import { nextVersion, install, type Install } from './install.js';
import { ledgerFolder } from './small-plan.js';
import { startWire, type Strike, type Wire } from './wire.js';

/** What all faults share: hosts, the whole of Belay, and everything between them that can be made to fail. */
export interface Ground {
  readonly lab: Lab;
  /** As it runs now: an upgrade puts another version in its place. */
  readonly belay: Belay;
  /** The version that runs. */
  readonly installed: Install;
  /** Stops the whole of Belay, and starts a newer version on the same data. @returns the version before */
  upgrade(): Promise<Install>;
  readonly folder: string;
  /** The inventory in which everything is reached through the wires. */
  readonly inventory: string;
  /** Between the worker and each node. */
  readonly wires: Readonly<Record<string, Wire>>;
  /** Between the worker and the directory. */
  readonly ldapWire: RemoteWire;
  /** Under the hosts; under the worker, its supervisor and Temporal; under Postgres. */
  readonly disks: { readonly hosts: Disk; readonly worker: Disk; readonly postgres: Disk };
  /** Where the ledger of a host lies on this machine. */
  ledger(host: string): string;
  /** The secret that the runs of this ground bring to their hosts. */
  readonly token: string;
  /** Writes down what the API has answered for. */
  acknowledge(what: 'run' | 'verb', id: string): void;
  readonly acknowledged: string;
  close(): Promise<void>;
}

export type RemoteWire = Pick<Wire, 'strike' | 'heal' | 'struck' | 'close'>;

export const nodes = ['node1', 'node2'];
export const directoryHost = 'directory';
const ldapPort = 1636;

export interface GroundRequest {
  /** Name of the lab; two grounds may stand side by side under two names. */
  readonly name: string;
  /** Begins with an older version, which is built in this checkout; an upgrade then leads to this one. */
  readonly older?: string;
  /** Temporal keeps its state in Postgres. */
  readonly production?: boolean;
}

export async function openGround({ name, older, production = false }: GroundRequest): Promise<Ground> {
  await labDown(name);
  const folder = mkdtempSync('/var/tmp/belay-chaos-');
  chmodSync(folder, 0o755);
  const closing: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    const disks = await makeDisks(folder);
    closing.push(...Object.values(disks).map((disk) => disk.remove), () => labDown(name));
    const lab = await labUp({
      name,
      description: 'lab/descriptions/chaos.yaml',
      folder: join(disks.hosts.folder, 'lab'),
    });
    const ledgers = join(folder, 'ledgers');
    for (const host of [...nodes, directoryHost]) await keepLedger(lab, host, join(ledgers, host));
    await logChanges(lab);
    const wires: Record<string, Wire> = {};
    for (const host of nodes)
      wires[host] = await startWire({ host: lab.host(host).address, port: 22 }, { host: '127.0.0.1', port: 0 });
    const ldapWire = await wireOnHost(name, lab.directory!.host);
    closing.push(ldapWire.close, ...Object.values(wires).map((wire) => wire.close));
    const running = await startInstalled(folder, join(disks.worker.folder, 'data'), lab, { older, production });
    closing.push(async () => running.belay.stop());
    const token = randomBytes(32).toString('hex');
    await running.belay.keepSecret('chaos-token', token);
    const acknowledged = join(folder, 'acknowledged');
    writeFileSync(acknowledged, '');
    return {
      ...{ lab, folder, wires, ldapWire, disks, token, acknowledged, close },
      get belay() {
        return running.belay;
      },
      get installed() {
        return running.installed;
      },
      upgrade: running.upgrade,
      inventory: throughWires(lab, wires, join(folder, 'inventory.yaml')),
      ledger: (host) => join(ledgers, host, 'ledger'),
      acknowledge: (what, id) => appendFileSync(acknowledged, `${what} ${id}\n`),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeDisks(folder: string): Promise<Ground['disks']> {
  const disk = async (name: string, mebibytes: number): Promise<Disk> =>
    makeDisk(join(folder, `${name}.img`), join(folder, name), mebibytes);
  const disks = {
    hosts: await disk('hosts', 192),
    worker: await disk('worker', 192),
    postgres: await disk('postgres', 320),
  };
  // Belay finds its cluster where the data folder has a link to it, made by the account that Postgres runs as.
  const { cluster } = await findPostgresPlace(disks.postgres.folder, () => undefined);
  mkdirSync(cluster, { recursive: true, mode: 0o700 });
  const data = join(disks.worker.folder, 'data');
  mkdirSync(data, { mode: 0o711 });
  symlinkSync(cluster, join(data, 'postgres'));
  return disks;
}

/** Has the server of the directory log each change by itself: what it says is no word of Belay's. */
async function logChanges(lab: Lab): Promise<void> {
  const ldif = `dn: cn=module{0},cn=config
changetype: modify
add: olcModuleLoad
olcModuleLoad: auditlog

dn: olcOverlay=auditlog,olcDatabase={1}mdb,cn=config
changetype: add
objectClass: olcOverlayConfig
objectClass: olcAuditlogConfig
olcOverlay: auditlog
olcAuditlogFile: ${ledgerFolder}/ledger
`;
  const { code, stderr } = await lab.exec(
    directoryHost,
    ['ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', 'ldapi:///'],
    ldif,
  );
  if (code !== 0) throw new Error(`the directory's server cannot log: ${stderr}`);
}

type Running = Pick<Ground, 'installed' | 'belay' | 'upgrade'>;

/** Starts Belay from an install, which can be replaced by the present version. */
async function startInstalled(
  folder: string,
  data: string,
  lab: Lab,
  { older, production }: { readonly older: GroundRequest['older']; readonly production: boolean },
): Promise<Running> {
  const starting =
    ({ start }: Install): StartStack =>
    async (request) =>
      start({ ...request, temporalStore: production ? 'postgres' : 'file' });
  let installed = await install(join(folder, 'installed'), older);
  let belay = await startBelay(lab, { BELAY_OUTCOME_SECONDS: '40' }, data, starting(installed));
  return {
    get installed() {
      return installed;
    },
    get belay() {
      return belay;
    },
    upgrade: async () => {
      const before = installed;
      const next = await install(join(folder, 'upgraded'), undefined, older === undefined ? nextVersion : undefined);
      await belay.stack.stop();
      belay = await belayAgain(data, lab, starting(next));
      installed = next;
      return before;
    },
  };
}

/** Puts a folder of this machine under the host's ledger; a host sees what was mounted before its power came on. */
async function keepLedger(lab: Lab, host: string, folder: string): Promise<void> {
  await lab.powerCut(host);
  const place = join(lab.host(host).root, ledgerFolder);
  for (const one of [folder, place]) mkdirSync(one, { recursive: true });
  writeFileSync(join(folder, 'ledger'), '');
  // The directory's server writes under an account of its own.
  chmodSync(folder, 0o777);
  chmodSync(join(folder, 'ledger'), 0o666);
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
async function wireOnHost(lab: string, host: string): Promise<RemoteWire> {
  const program = join(import.meta.dirname, 'wire-program.js');
  const inside = ['netns', 'exec', namespaceOf(lab, host), process.execPath, program, String(ldapPort), '636'];
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
