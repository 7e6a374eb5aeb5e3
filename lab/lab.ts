import type { Description } from './description.js';
import type { Comparison } from './difference.js';

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

export interface Executed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
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
  host(name: string): LabHost;
  /** Ends every process of the host at once, without a word to its peers. */
  powerCut(host: string): Promise<void>;
  /** Starts the host again over the same files, with a new boot id; returns when its sshd answers. */
  powerOn(host: string): Promise<void>;
  /** Runs a program on the host as root, not over SSH, so that it can witness what SSH did. */
  exec(host: string, argv: readonly string[], input?: string | Uint8Array): Promise<Executed>;
  /** Cuts the host from the network: DROP loses every packet, REJECT answers with a refusal. */
  cut(host: string, how: 'DROP' | 'REJECT'): Promise<void>;
  heal(host: string): Promise<void>;
  /** Remembers each host's own layer, processes and listening ports under a name. */
  mark(name: string): Promise<void>;
  /** What is otherwise than at the mark, the allowed differences set apart. */
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
export declare function labUp(order: LabOrder): Promise<Lab>;

/** Removes all that a lab has made, also a lab that was never finished; returns false where there was nothing. */
export declare function labDown(name: string): Promise<boolean>;

/** The lab of that name, or undefined where none has been finished. */
export declare function findLab(name: string): Promise<Lab | undefined>;
