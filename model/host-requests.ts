/** Arguments of the short workflows behind `belay host …`. Each returns a `HostReply`. */

/** `hostScan`: which keys does the host at this address show? Returns `HostKeysSeen`. */
export interface HostScanArgument {
  readonly host: string;
  readonly address: string;
  readonly port: number;
}

/** `hostCheck`: can a runner be opened there, with the pinned keys? Returns `HostChecked`. */
export interface HostCheckArgument extends HostScanArgument {
  readonly user: string;
  /** Each `type base64`. */
  readonly hostKeys: readonly string[];
  readonly key: { readonly agent: true } | { readonly secret: string };
}

/** `hostClean`: what archived runs left there goes. Returns `HostCleaned`. */
export type HostCleanArgument = HostCheckArgument;
