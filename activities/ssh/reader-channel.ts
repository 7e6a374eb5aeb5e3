import type { Client } from 'ssh2';
import { openProgram, type Program } from './program.js';
import type { Start } from './programs.js';
import type { SessionPart } from './session.js';
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

  private async inTurn<T>(question: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(async () => within(this.limit, 'an answer of the reading channel', question()));
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
