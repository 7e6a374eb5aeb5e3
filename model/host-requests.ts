import type { WeakAlgorithm } from './inventory/weak-algorithms.js';

/** Arguments of the short workflows behind `belay host …`. Each returns a `HostReply`. */

/** An SSH server to log in to. */
export interface HostLogin {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Each `type base64`. */
  readonly hostKeys: readonly string[];
  /** Names of stored secrets, taken in their newest versions. */
  readonly key: { readonly agent: true } | { readonly secret: string; readonly passphrase?: string };
  readonly weakAlgorithms?: readonly WeakAlgorithm[];
}

/** `hostScan`: which keys does the host at this address show? Returns `HostKeysSeen`. */
export interface HostScanArgument {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly weakAlgorithms?: readonly WeakAlgorithm[];
  /** The way there, nearest to the worker first. */
  readonly jump?: readonly HostLogin[];
}

/** `hostCheck`: can a runner be opened there, with the pinned keys? Returns `HostChecked`. */
export interface HostCheckArgument extends HostScanArgument, HostLogin {
  readonly sudo?: boolean;
}

/** `hostClean`: what archived runs left there goes. Returns `HostCleaned`. */
export type HostCleanArgument = HostCheckArgument;

/**
 * `hostKey`: the public half of the stored key, as a line for authorized_keys; with a password it is also put there.
 * Returns `HostKeyLine`.
 */
export interface HostKeyArgument extends HostCheckArgument {
  /** The password for this one login, sealed to the worker, in base64. */
  readonly sealedPassword?: string;
}
