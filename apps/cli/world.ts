import type { Readable, Writable } from 'node:stream';
import type { ExitCode } from './exit-codes.js';

type Terminal = { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };

/** What surrounds the program: its streams, settings and folder, and the person's Ctrl-C. */
export interface World {
  readonly out: Writable & Terminal;
  readonly err: Writable & Terminal;
  readonly in: Readable & { readonly isTTY?: boolean; setRawMode?(raw: boolean): unknown };
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  /** The operating-system user who typed the command. */
  readonly user: string;
  /** Aborted by the first Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** How the program is to end, where nothing goes wrong. */
  exitWith(code: ExitCode): void;
}

/** Writes one line, or several, to standard output. */
export function say(world: World, text: string): void {
  world.out.write(text.endsWith('\n') ? text : `${text}\n`);
}
