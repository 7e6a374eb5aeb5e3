import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import type { Comparison } from './allowance.js';
import { checkpoints, forgetCheckpoint, saveCheckpoint, type Checkpoint, type SaveOrder } from './checkpoint.js';
import { readDescription, type Description } from './description.js';
import { LabError } from './error.js';
import { withLock } from './lock.js';
import { prepareMachine } from './machine.js';
import { makeLab, raiseLab } from './make.js';
import { openLab } from './open.js';
import { runFolder } from './places.js';
import type { Executed } from './program.js';
import { readRecord } from './record.js';
import { restoreLab, type RestoreOrder } from './restore.js';
import { takeDown } from './take-down.js';

/** One machine of a lab. */
export interface LabHost {
  readonly name: string;
  /** IPv4 address on the lab's own network. */
  readonly address: string;
  readonly fqdn: string;
  readonly port: number;
  /** Pinned host keys, `type base64`. */
  readonly hostKeys: readonly string[];
  /** The host's file system as the host sees it, readable from outside also while it is off. */
  readonly root: string;
  /** The host's own layer: exactly what it has changed. */
  readonly upper: string;
}

/** The directory server of a lab that has one. */
export interface LabDirectory {
  readonly host: string;
  /** `ldaps://ADDRESS:636`; its certificate names the address and the FQDN. */
  readonly url: string;
  readonly suffix: string;
  readonly manager: string;
  /** Holds the manager's password, without a line end. */
  readonly passwordFile: string;
  /** The lab's certificate authority, PEM. */
  readonly authorityFile: string;
}

/** Real hosts on this machine, standing. */
export interface Lab {
  readonly name: string;
  readonly folder: string;
  readonly hosts: readonly LabHost[];
  readonly directory?: LabDirectory;
  /** An inventory that Belay reads; its secret `lab-key` is the text of `keyFile`. */
  readonly inventoryFile: string;
  /** Private key that every host takes for root. */
  readonly keyFile: string;
  /** @throws LabError where there is no such host, as do the functions below */
  host(name: string): LabHost;
  isOn(host: string): Promise<boolean>;
  /** Ends every process of the host at once, without a word to its peers. */
  powerCut(host: string): Promise<void>;
  /** Starts the host again over the same files, with a new boot id; returns when its sshd answers. */
  powerOn(host: string): Promise<void>;
  /** Runs a program on the host as root, not over SSH, so that it can witness what SSH did. */
  exec(host: string, argv: readonly string[], input?: string | Uint8Array): Promise<Executed>;
  /** The words that run a program on the host, for whoever wants to start it with a terminal. */
  enter(host: string): Promise<readonly string[]>;
  /** The host's file system with what it keeps in memory (`/run`, `/dev/shm`), readable from outside; absent while it is off. */
  inside(host: string): Promise<string | undefined>;
  /** Cuts the host from the network: DROP loses every packet, REJECT answers with a refusal. */
  cut(host: string, how: 'DROP' | 'REJECT'): Promise<void>;
  heal(host: string): Promise<void>;
  /** Remembers each host's own layer, processes and listening ports under a name. */
  mark(name: string): Promise<void>;
  /** What is otherwise than at the mark, with what `lab/allowed-differences.yaml` allows set apart. */
  diff(name: string): Promise<Comparison>;
}

export interface LabOrder {
  /** Lower-case letters, digits and `-`; labs of different names stand side by side. */
  readonly name: string;
  /** A description, or the path of its YAML file. */
  readonly description: string | Description;
  /** Where the lab keeps its files; by default `<data>/labs/<name>`. */
  readonly folder?: string;
  /** Told, line by line, of preparations that take long; by default they go to stderr. */
  readonly say?: (line: string) => void;
}

/**
 * Makes a lab, or starts again what of it does not run.
 * @throws LabError where this machine cannot carry a lab, with one line on what to do
 */
export async function labUp(order: LabOrder): Promise<Lab> {
  const say = order.say ?? ((line) => void process.stderr.write(`lab: ${line}\n`));
  const [description] = [await readDescription(order.description), await prepareMachine(say)];
  return locked(order.name, async () => {
    const record = await readRecord(order.name);
    if (record && !isDeepStrictEqual(record.description, description))
      throw new LabError(
        `a lab ${order.name} of another description stands: \`belay lab down --name ${order.name}\` removes it`,
      );
    if (record) return openLab(await raiseLab(record));
    await takeDown(order.name);
    return openLab(await makeLab({ name: order.name, description, folder: order.folder, say }));
  });
}

/** Removes all that a lab has made, also a lab that was never finished; returns false where there was nothing. */
export async function labDown(name: string): Promise<boolean> {
  return locked(name, () => takeDown(name));
}

/** The lab of that name, or undefined where none has been finished. */
export async function findLab(name: string): Promise<Lab | undefined> {
  const record = await readRecord(checkedName(name));
  return record && openLab(record);
}

/**
 * Keeps a lab under a name, to make it again from there. Its hosts are shut down meanwhile, and started again.
 * @throws LabError where there is no such lab, or such a checkpoint already
 */
export async function labSave(name: string, order: SaveOrder): Promise<Checkpoint> {
  return locked(name, async () => {
    const record = await readRecord(name);
    if (!record) throw new LabError(`there is no lab ${name}: \`belay lab up --name ${name}\` makes it`);
    return saveCheckpoint(record, order);
  });
}

/**
 * Makes a lab from a checkpoint.
 * @throws LabError where one of that name stands, or its addresses are in use
 */
export async function labRestore(order: RestoreOrder): Promise<Lab> {
  await prepareMachine((line) => void process.stderr.write(`lab: ${line}\n`));
  return locked(order.name, async () => {
    if (await readRecord(order.name))
      throw new LabError(`a lab ${order.name} stands: \`belay lab down --name ${order.name}\` removes it`);
    await takeDown(order.name);
    return openLab(await restoreLab(order));
  });
}

/** The checkpoints that labs can be made from. */
export const labCheckpoints = checkpoints;

/** Removes a checkpoint; labs that were made from it are whole without it. Returns false where there was none. */
export const labForget = forgetCheckpoint;

async function locked<T>(name: string, work: () => Promise<T>): Promise<T> {
  return withLock(join(runFolder, `${checkedName(name)}.lock`), work);
}

function checkedName(name: string): string {
  if (/^[a-z][a-z0-9-]{0,30}$/.test(name)) return name;
  throw new LabError(`"${name}" cannot name a lab: use lower-case letters, digits and "-", at most 31`);
}
