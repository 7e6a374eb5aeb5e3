import type { FoundFile } from '../../model/collect/follow-files.js';
import type { Failure } from '../../model/failure.js';
import type { WeakAlgorithm } from '../../model/inventory/weak-algorithms.js';
import type { Failed } from '../../model/failure.js';
import type { Part } from '../../model/operation.js';

/** What is needed to reach one host. */
export interface Destination {
  /** The host to go through, reached in the same manner. */
  readonly jump?: Destination;
  /** Whether the runner is started by `sudo -n`, as root. */
  readonly sudo?: boolean;
  /** Accepted beside the strong algorithms. */
  readonly weakAlgorithms?: readonly WeakAlgorithm[];
  readonly host: string;
  /** Name of the journal on it; the host's where absent. */
  readonly journal?: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Pinned host keys, `type base64`. */
  readonly hostKeys: readonly string[];
  /** `unusable`: why nobody can log in there now, which only this host is told. */
  readonly key: PrivateKey | { readonly agent: string } | { readonly password: string } | { readonly unusable: Failed };
}

export interface PrivateKey {
  readonly privateKey: Uint8Array;
  /** Opens a key that is encrypted. */
  readonly passphrase?: Uint8Array;
}

/** A script with every hole filled, ready to be sent. */
export interface ReadyScript {
  readonly text: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  /** True where environment or stdin hold a secret: they are then staged on tmpfs and removed before the script reads its first byte. */
  readonly secret: boolean;
  /** For `do`: the exit code that means "surely nothing happened". A claim that ended so keeps no pre-image from being captured anew. */
  readonly refusal?: number;
}

/**
 * What a run of a part is for. `present` is `capture` without saving: it only prints the image. Parts that change
 * the host (`do`, `undo`) make a claim in the journal first; the others do not.
 */
export type SessionPart = Part | 'present';

export interface PartRequest {
  /** The task's name on the host: `<run>.<step>`. */
  readonly task: string;
  /** Counts tries; for `undo` the number of the try to go back. */
  readonly attempt: number;
  readonly part: SessionPart;
  readonly holder: number;
  readonly script: ReadyScript;
  /** Enforced on the host; the process group is killed. */
  readonly seconds: number;
  /** Bytes of output kept on the host for each stream; the rest is counted and dropped. */
  readonly outputLimit: number;
  /** Started only where the host's journal has never heard of the task; else `TaskKnown` is thrown. */
  readonly fresh?: boolean;
  /** It prints one line, which is told with its end where it is all that it has printed. */
  readonly printsLine?: boolean;
}

/** The host remembers something of a task that was thought to be new to it; nothing was started. */
export class TaskKnown extends Error {
  constructor(task: string) {
    super(`${task} is known on the host`);
  }
}

/** A file as it is now. */
export interface Measured {
  readonly size: number;
  readonly sha256?: string;
}

/** Files of a host, and its clock. */
export interface FilesThere {
  /** Seconds since 1970. */
  readonly now: number;
  /** Of its clock, such as `+0200`. */
  readonly zone: string;
  readonly files: readonly FoundFile[];
  /** How many more there are. */
  readonly left: number;
}

/** How a part ended. `lost`: the connection went, or the process vanished without a result. Nobody knows. */
export type PartEnd =
  | {
      readonly how: 'exited';
      readonly code: number;
      readonly milliseconds: number;
      /** Bytes of output beyond the limit, counted and dropped: at least so many. */
      readonly dropped?: number;
      /** All that it has printed, where its end told that; absent where it is to be read from the host. */
      readonly printed?: { readonly stdout: string; readonly stderr: string };
    }
  | { readonly how: 'timed-out' | 'cancelled'; readonly milliseconds: number }
  | { readonly how: 'refused'; readonly failure: Failure }
  | { readonly how: 'lost'; readonly failure: Failure };

/** What the host's journal says of one attempt of `do` or `undo`. */
export interface JournalClaim {
  readonly attempt: number;
  readonly part: 'do' | 'undo';
  readonly holder: number;
  readonly bootId: string;
  readonly state: 'running' | 'exited' | 'timed-out' | 'cancelled' | 'dead';
  readonly code?: number;
}

/** All that a host remembers of one task. */
export interface JournalEntry {
  readonly claims: readonly JournalClaim[];
  /** Image lines; absent where capture has not completed. */
  readonly preImage?: string;
  readonly postImage?: string;
}

export interface Facts {
  /** `ID` of os-release, such as `debian`. */
  readonly os: string;
  readonly os_version: string;
  /** `systemd` or `sysv`. */
  readonly init: string;
  /** As `uname -m` prints it. */
  readonly architecture: string;
}

/** One host, with its runner listening and its journal open. Several tasks share it. */
export interface Session {
  /** Made when the journal was; another one later means that the journal was lost. */
  readonly nonce: string;
  readonly bootId: string;
  readonly facts: Facts;
  look(task: string): Promise<JournalEntry>;
  /**
   * Starts a part and waits for its end. For `capture` the saved pre-image and its image line are kept once and
   * never overwritten while a claim stands; for `present` the image is in the returned output. Aborting `signal`
   * kills the process group through the runner; a lost connection does not.
   */
  run(request: PartRequest, watch?: OutputWatch, signal?: AbortSignal): Promise<PartEnd>;
  /** Waits for the end of a part that an earlier worker started. */
  follow(
    claim: { task: string; attempt: number; part: 'do' | 'undo' },
    watch?: OutputWatch,
    signal?: AbortSignal,
  ): Promise<PartEnd>;
  /** Bytes of a part's output that the host kept. */
  output(
    name: { task: string; attempt: number; part: SessionPart; stream: 'stdout' | 'stderr' },
    offset: number,
    limit: number,
  ): Promise<Uint8Array>;
  /** A file that capture saved with the pre-image, at most `limit` bytes; undefined where there is none. */
  saved(task: string, file: string, limit: number): Promise<Uint8Array | undefined>;
  /** Bytes and SHA-256 of a file of the host; no sum where it is larger than `most`, undefined where there is none. */
  measure(path: string, most: number): Promise<Measured | undefined>;
  /** A piece of a file of the host, 1 MiB long save for the last; where the file has become shorter, zeros. */
  piece(path: string, index: number, length: number): Promise<Uint8Array>;
  /** The files of the host that these patterns find, at most `most` of them. */
  files(patterns: readonly string[], most: number): Promise<FilesThere>;
  /** Bytes of a file from an offset on, unpacked; undefined where it is another one now. */
  stretch(file: FoundFile, offset: number, length: number): Promise<Uint8Array | undefined>;
  /** Adds a piece to what is carried for a task, anew with the first; how many bytes are there then, -1 where they were not kept. */
  carry(task: string, index: number, bytes: Uint8Array): Promise<number>;
  /** Keeps the image of the state that this task left, once its verify has held; gives that of the pre-image, where there is one. */
  keepPostImage(task: string, image: string): Promise<string | undefined>;
  /** Kills what still runs for the task and waits until it is gone. */
  quiet(task: string): Promise<void>;
  /** Removes journal, output and pre-images of archived tasks. */
  forget(tasks: readonly string[]): Promise<void>;
}

/** Told of output while a part runs, in order, without gaps; awaited before more is read. */
export type OutputWatch = (chunk: {
  readonly stream: 'stdout' | 'stderr';
  readonly offset: number;
  readonly bytes: Uint8Array;
}) => Promise<void>;

/** Opens sessions and keeps them; one connection a host and user. */
export interface Sessions {
  /**
   * @param holder - refused with `host/stale-holder` where the host has seen a higher one
   * @param task - its journal is asked for in the same breath: the first look at it then costs no question of its own
   * @throws Failed with a `host/…` kind
   */
  open(destination: Destination, holder: number, task?: string): Promise<Session>;
  close(): Promise<void>;
}
