import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { commands } from '../../apps/cli/commands.js';
import { belay } from '../../apps/cli/program.js';
import type { World } from '../../apps/cli/world.js';

export interface Typed {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Around {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Standard input; a terminal where `terminal` is set. */
  readonly input?: string | Buffer;
  /** Pretends that all streams are a terminal. */
  readonly terminal?: boolean;
  readonly interrupted?: AbortSignal;
  /** Called with everything that was printed so far, whenever something is printed. */
  readonly watch?: (out: string) => void;
}

/** Types a command line, in this process. */
export async function type(words: string, around: Around = {}): Promise<Typed> {
  const out = new PassThrough();
  const err = new PassThrough();
  const input = new PassThrough();
  input.end(around.input ?? '');
  const printed = { out: '', err: '' };
  out.on('data', (chunk: Buffer) => around.watch?.((printed.out += chunk.toString())));
  err.on('data', (chunk: Buffer) => (printed.err += chunk.toString()));
  if (around.watch === undefined) out.on('data', (chunk: Buffer) => (printed.out += chunk.toString()));
  const tty = around.terminal === true ? { isTTY: true, columns: 100, rows: 30 } : {};
  const world: World = {
    out: Object.assign(out, tty),
    err: Object.assign(err, tty),
    in: Object.assign(input, tty),
    environment: { HOME: '/nonexistent', BELAY_DATA: '/nonexistent/belay', ...around.environment },
    folder: around.folder ?? process.cwd(),
    user: 'tester',
    interrupted: around.interrupted ?? new AbortController().signal,
    exitWith: () => undefined,
  };
  const code = await belay(words.split(' ').filter(Boolean), commands, world);
  await new Promise((resolve) => setImmediate(resolve));
  return { code, ...printed };
}

/** A data folder as `belay up` leaves it, for an API at this address. */
export function dataFolderFor(api: string, token: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'belay-cli-'));
  writeFileSync(join(folder, 'api-token'), `${token}\n`, { mode: 0o600 });
  writeFileSync(join(folder, 'up.json'), JSON.stringify({ api, web: 'http://127.0.0.1:8233', pid: 1 }));
  return folder;
}
