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
  readonly code: number;
  readonly milliseconds: number;
  readonly bootId: string;
  /** Bytes that came beyond the limit; at least so many. */
  readonly dropped: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

const answerLimit = 60_000;

/** Asks the reading channel, one question after another. */
export class ReaderChannel {
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(private readonly program: Program) {}

  static async start(client: Client, start: Start, gone: (error: Error) => void): Promise<ReaderChannel> {
    const program = await within(answerLimit, 'opening the reading channel', openProgram(client, start, gone));
    while (
      (await within(answerLimit, 'the reading channel', program.answers.line())).toString('utf8') !== 'belay reading'
    );
    return new ReaderChannel(program);
  }

  async follow(name: PartName, stdout: number, stderr: number, most: number): Promise<Reading> {
    return this.inTurn(async () => {
      this.program.write([
        Buffer.from(`follow ${name.task} ${name.part} ${name.attempt} ${stdout} ${stderr} ${most}\n`),
      ]);
      const words = (await this.program.answers.line()).toString('utf8').split(' ');
      const [state = '', code = '', began = '', ended = '', bootId = '', cut1 = '', cut2 = '', out = '', err = ''] =
        words;
      return {
        state: state as Reading['state'],
        code: Number(code) || 0,
        milliseconds: between(began, ended),
        bootId,
        dropped: Number(cut1) + Number(cut2),
        stdout: await this.program.answers.bytes(Number(out)),
        stderr: await this.program.answers.bytes(Number(err)),
      };
    });
  }

  /** A saved file of at most `most` bytes. */
  async saved(task: string, file: string, most: number): Promise<Buffer | undefined> {
    return this.inTurn(async () => {
      this.program.write([Buffer.from(`saved ${task} ${file} ${most}\n`)]);
      const size = Number((await this.program.answers.line()).toString('utf8'));
      return size < 0 ? undefined : this.program.answers.bytes(size);
    });
  }

  private async inTurn<T>(question: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(async () => within(answerLimit, 'an answer of the reading channel', question()));
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}

/** Milliseconds between two times as `/proc/uptime` has them, in seconds. */
export function between(began: string, ended: string): number {
  return Math.max(0, Math.round((Number(ended) - Number(began)) * 1000));
}
