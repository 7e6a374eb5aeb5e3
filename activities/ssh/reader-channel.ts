import type { Client } from 'ssh2';
import { headLimit, type FoundFile } from '../../model/collect/follow-files.js';
import { openProgram, type Program } from './program.js';
import type { Start } from './programs.js';
import type { FilesThere, Measured, SessionPart } from './session.js';
import { escape } from './wire.js';
import { within } from './within.js';

export interface PartName {
  readonly task: string;
  readonly part: SessionPart;
  readonly attempt: number;
}

/** How a part stands, and its output from the offsets that were asked for. */
export interface Reading {
  readonly state: 'none' | 'running' | 'exited' | 'timed-out' | 'cancelled' | 'dead';
  /** NaN where it did not exit. */
  readonly code: number;
  readonly milliseconds: number;
  readonly bootId: string;
  /** Bytes that came beyond the limit; at least so many. */
  readonly dropped: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const states: readonly string[] = ['none', 'running', 'exited', 'timed-out', 'cancelled', 'dead'];

/** Milliseconds for reading a file of the largest size once. */
const measureLimit = 600_000;

/** Asks the reading channel, one question after another. */
export class ReaderChannel {
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly program: Program,
    /** Milliseconds for one answer. */
    private readonly limit: number,
  ) {}

  static async start(
    client: Client,
    start: Start,
    limit: number,
    gone: (error: Error) => void,
  ): Promise<ReaderChannel> {
    const program = await within(limit, 'opening the reading channel', openProgram(client, start, gone));
    await within(limit, 'the reading channel', greeted(program));
    return new ReaderChannel(program, limit);
  }

  async follow(name: PartName, stdout: number, stderr: number, most: number): Promise<Reading> {
    return this.inTurn(async () => {
      this.program.write([
        Buffer.from(`follow ${name.task} ${name.part} ${name.attempt} ${stdout} ${stderr} ${most}\n`),
      ]);
      const words = (await this.program.answers.line()).toString('utf8').split(' ');
      const [state = '', code = '', began = '', ended = '', bootId = '', cut1 = '', cut2 = '', out = '', err = ''] =
        words;
      if (!states.includes(state)) throw new Error('the reading channel gave no answer to what it was asked');
      return {
        state: state as Reading['state'],
        code: state === 'exited' && /^\d+$/.test(code) ? Number(code) : Number.NaN,
        milliseconds: between(began, ended),
        bootId,
        dropped: Number(cut1) + Number(cut2),
        stdout: await this.program.answers.bytes(sizeOf(out, most)),
        stderr: await this.program.answers.bytes(sizeOf(err, most)),
      };
    });
  }

  /** A saved file of at most `most` bytes. */
  async saved(task: string, file: string, most: number): Promise<Buffer | undefined> {
    return this.inTurn(async () => {
      this.program.write([Buffer.from(`saved ${task} ${file} ${most}\n`)]);
      const size = (await this.program.answers.line()).toString('utf8');
      return size === '-1' ? undefined : this.program.answers.bytes(sizeOf(size, most));
    });
  }

  /** Bytes and SHA-256 of a file; no sum where it is larger than `most`, undefined where there is none. */
  async measure(path: string, most: number): Promise<Measured | undefined> {
    return this.inTurn(async () => {
      this.program.write([Buffer.from(`measure ${escape(Buffer.from(path))} ${most}\n`)]);
      const [size = '', sum = ''] = (await this.program.answers.line()).toString('utf8').split(' ');
      if (size === '-1') return undefined;
      return { size: sizeOf(size, Number.MAX_SAFE_INTEGER), ...(/^[0-9a-f]{64}$/.test(sum) && { sha256: sum }) };
    }, measureLimit);
  }

  /** A piece of a file, by its number; so many bytes in any case. */
  async piece(path: string, index: number, length: number): Promise<Buffer> {
    return this.inTurn(async () => {
      this.program.write([Buffer.from(`piece ${escape(Buffer.from(path))} ${index} ${length}\n`)]);
      return this.program.answers.bytes(length);
    });
  }

  /** The files that the patterns find, and the host's clock. */
  async files(patterns: readonly string[], most: number): Promise<FilesThere> {
    return this.inTurn(async () => {
      const words = patterns.map((pattern) => escape(Buffer.from(pattern))).join(' ');
      this.program.write([Buffer.from(`files ${most} ${words}\n`)]);
      const { answers } = this.program;
      const [seconds, zone = ''] = (await answers.line()).toString('utf8').split(' ');
      const files: FoundFile[] = [];
      for (;;) {
        const line = (await answers.line()).toString('utf8');
        if (line.startsWith('. ')) return { now: Number(seconds), zone, files, left: Number(line.slice(2)) };
        const [, inode, size, modified, begins, path] = /^(\d+:\d+) (\d+|-) (\d+) (\d+) (\/.*)$/.exec(line) ?? [];
        if (inode === undefined || path === undefined) throw new Error('the reading channel names no file');
        const head = Buffer.from(await answers.bytes(sizeOf(begins ?? '', headLimit)));
        files.push({ path, inode, modified: Number(modified), head, ...(size !== '-' && { size: Number(size) }) });
      }
    }, measureLimit);
  }

  /** Bytes of that very file from an offset on; undefined where another one is there now. */
  async stretch(file: FoundFile, offset: number, length: number): Promise<Buffer | undefined> {
    return this.inTurn(async () => {
      this.program.write([
        Buffer.from(`stretch ${file.inode} ${offset} ${length} ${escape(Buffer.from(file.path))}\n`),
      ]);
      const size = (await this.program.answers.line()).toString('utf8');
      return size === '-1' ? undefined : Buffer.from(await this.program.answers.bytes(sizeOf(size, length)));
    }, measureLimit);
  }

  /** Adds a piece to what is carried for a task; how many bytes there are then, or -1 where they were not kept. */
  async carry(task: string, index: number, bytes: Uint8Array): Promise<number> {
    return this.inTurn(async () => {
      this.program.write([Buffer.from(`carry ${task} ${index} ${bytes.length}\n`), bytes]);
      return Number((await this.program.answers.line()).toString('utf8'));
    });
  }

  private async inTurn<T>(question: () => Promise<T>, limit = this.limit): Promise<T> {
    const mine = this.turn.then(async () => within(limit, 'an answer of the reading channel', question()));
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}

/** Login shells like to print something before. */
async function greeted(program: Program): Promise<void> {
  while ((await program.answers.line()).toString('utf8') !== 'belay reading');
}

/** A count of bytes that was asked for; anything else is no answer. */
function sizeOf(text: string, most: number): number {
  const size = Number(text);
  if (Number.isInteger(size) && size >= 0 && size <= most) return size;
  throw new Error('the reading channel gave more than it was asked for');
}

/** Milliseconds between two times as `/proc/uptime` has them, in seconds. */
export function between(began: string, ended: string): number {
  return Math.max(0, Math.round((Number(ended) - Number(began)) * 1000));
}
