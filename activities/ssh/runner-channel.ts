import type { Client } from 'ssh2';
import { Failed } from '../../model/failure.js';
import { openProgram, type Program } from './program.js';
import type { Start } from './programs.js';
import { notStarted, toldFailure } from './session-failure.js';
import type { Destination, Facts } from './session.js';
import { within } from './within.js';

/** What a runner says of itself and its host when it begins. */
export interface Hello {
  readonly nonce: string;
  readonly bootId: string;
  readonly facts: Facts;
  /** Whether something on the host, such as sudo with log_input, stands where it can record what is sent. */
  readonly overheard: boolean;
  /** Where the host's journal lies. */
  readonly journal: string;
}

/** One answer line: its word, and the rest after the question's number. */
export interface Answer {
  readonly word: string;
  readonly rest: string;
}

/** Words after which no more lines come for the same question. */
const last = new Set([
  'done',
  'refused',
  'void',
  'begun',
  'there',
  'known',
  'looked',
  'held',
  'kept',
  'quieted',
  'forgotten',
  'failed',
]);
/** Lines of one answer: a task has a claim an attempt, and what many attempts would need is still far below. */
const mostLines = 10_000;

/** The messages to one runner, and its answers by number. */
export class RunnerChannel {
  private number = 0;
  private outgoing: Uint8Array[] = [];
  private readonly open = new Map<
    number,
    { lines: Answer[]; settle: (lines: Answer[]) => void; fail: (error: Error) => void }
  >();
  private broken: Error | undefined;

  private constructor(
    private readonly program: Program,
    readonly hello: Hello,
  ) {}

  /**
   * @param limit - milliseconds until the channel must be open, and then until the runner must have greeted
   * @throws Failed `host/no-shell`, `host/sudo-refused`, `host/stale-holder`, `host/disk-full` or `host/unsuitable`
   */
  static async start(
    client: Client,
    start: Start,
    { host, user }: Destination,
    limit: number,
    gone: (error: Error) => void,
  ): Promise<RunnerChannel> {
    let channel: RunnerChannel | undefined = undefined as RunnerChannel | undefined;
    const program = await within(
      limit,
      `opening a channel to ${host}`,
      openProgram(client, start, (error) => {
        channel?.fail(error);
        gone(error);
      }),
    );
    channel = new RunnerChannel(
      program,
      await within(limit, `the runner's greeting from ${host}`, greeting(program, start, host, user)),
    );
    void channel.listen();
    return channel;
  }

  /** Sends the messages that `make` gives for a fresh number, in one piece, and gathers the answer's lines. */
  async ask(make: (number: number) => readonly Uint8Array[]): Promise<Answer[]> {
    if (this.broken) throw this.broken;
    const number = ++this.number;
    const answer = new Promise<Answer[]>((settle, fail) => this.open.set(number, { lines: [], settle, fail }));
    this.send(make(number));
    return answer;
  }

  /** A message that is not answered. */
  tell(message: string): void {
    this.send([Buffer.from(`${message}\n`)]);
  }

  /** What is said in one breath goes in one packet. */
  private send(messages: readonly Uint8Array[]): void {
    if (this.outgoing.length === 0)
      queueMicrotask(() => {
        this.program.write(this.outgoing);
        this.outgoing = [];
      });
    this.outgoing.push(...messages);
  }

  private async listen(): Promise<void> {
    try {
      for (;;) this.take((await this.program.answers.line()).toString('utf8'));
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private take(line: string): void {
    const [word = '', number = '', ...rest] = line.split(' ');
    const asked = this.open.get(Number(number));
    if (!asked) return;
    asked.lines.push({ word, rest: rest.join(' ') });
    if (asked.lines.length > mostLines) throw new Error('the runner gives an answer without end');
    if (!last.has(word)) return;
    this.open.delete(Number(number));
    asked.settle(asked.lines);
  }

  /** Ends all waiting; nothing more is asked. */
  fail(error: Error): void {
    this.broken ??= error;
    for (const asked of this.open.values()) asked.fail(this.broken);
    this.open.clear();
  }
}

/** The first line that is the runner's; login shells like to print something before. */
async function greeting(program: Program, start: Start, host: string, user: string): Promise<Hello> {
  let announced = !start.announced;
  try {
    for (;;) {
      const line = (await program.answers.line()).toString('utf8');
      announced ||= line === 'belay shell';
      if (line.startsWith('belay hello 1 ')) return helloOf(line.slice('belay hello 1 '.length));
      if (line.startsWith('belay refused '))
        throw new Failed(toldFailure(`starting the runner on ${host}`, line.slice('belay refused '.length)));
    }
  } catch (error) {
    if (error instanceof Failed) throw error;
    throw notStarted({ host, user, words: program.lastWords(), sudo: !announced }, error);
  }
}

function helloOf(line: string): Hello {
  const [nonce = '', bootId = '', os = '', version = '', init = '', architecture = '', , heard, ...journal] =
    line.split(' ');
  const facts = { os, os_version: version, init, architecture };
  return { nonce, bootId, facts, overheard: heard !== 'unheard', journal: journal.join(' ') };
}
