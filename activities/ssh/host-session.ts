import type { FoundFile } from '../../model/collect/follow-files.js';
import { Failed } from '../../model/failure.js';
import { awaitPart, type AwaitedPart } from './await-part.js';
import type { InputTurns } from './input-turns.js';
import type { PartName, ReaderChannel } from './reader-channel.js';
import type { Answer, RunnerChannel } from './runner-channel.js';
import { lost, overheard, sessionFailure, toldFailure } from './session-failure.js';
import {
  TaskKnown,
  type Facts,
  type FilesThere,
  type JournalClaim,
  type JournalEntry,
  type Measured,
  type OutputWatch,
  type PartEnd,
  type PartRequest,
  type Session,
  type SessionPart,
} from './session.js';
import { startMessages, unsendable } from './staging.js';
import { escape } from './wire.js';
import { within } from './within.js';

/** What a session stands on: one connection's channels. */
export interface HostChannels {
  readonly host: string;
  readonly runner: RunnerChannel;
  /** Opened when it is first needed. */
  readonly reader: () => Promise<ReaderChannel>;
  /** Gives the connection up; whoever waits on it is told. */
  readonly abandon: (why: Error) => void;
  /** Milliseconds for one answer. */
  readonly limit: number;
  /** Those of all hosts of this worker. */
  readonly inputs: InputTurns;
  /** Counts work under way, so that an idle connection can be told from a busy one. */
  readonly busy: <T>(work: () => Promise<T>) => Promise<T>;
}

/** One host with its runner listening, over channels that are already open. */
export class HostSession implements Session {
  /** Journals that were asked for before anybody looked; each serves one look. */
  private readonly foreseen = new Map<string, Promise<JournalEntry>>();

  constructor(private readonly channels: HostChannels) {}

  get nonce(): string {
    return this.channels.runner.hello.nonce;
  }

  get bootId(): string {
    return this.channels.runner.hello.bootId;
  }

  get facts(): Facts {
    return this.channels.runner.hello.facts;
  }

  /** Tells the host that a newer holder acts on it; refused where it has seen a higher one. */
  async hold(holder: number, task?: string): Promise<void> {
    this.foreseen.clear();
    const held = this.ask(`acting on ${this.channels.host} as holder ${holder}`, (number) => [
      text(`holder ${number} ${holder}`),
    ]);
    if (task !== undefined) this.foresee(task);
    await held;
  }

  async look(task: string): Promise<JournalEntry> {
    const foreseen = this.foreseen.get(task);
    this.foreseen.delete(task);
    return foreseen ?? this.journalOf(task);
  }

  private foresee(task: string): void {
    const journal = this.journalOf(task);
    // Whoever looks is told; where nobody does, the failure of the hold says the same.
    journal.catch(() => undefined);
    this.foreseen.set(task, journal);
  }

  private async journalOf(task: string): Promise<JournalEntry> {
    return journalEntry(
      await this.ask(`reading the journal of ${task}`, (number) => [text(`look ${number} ${named(task)}`)]),
    );
  }

  async run(request: PartRequest, watch?: OutputWatch, signal?: AbortSignal): Promise<PartEnd> {
    const tried = `${request.part} of ${request.task}, attempt ${request.attempt}, on ${this.channels.host}`;
    named(request.task);
    const fault = unsendable(request);
    if (fault)
      return { how: 'refused', failure: sessionFailure('step/value-unusable', tried, `${fault}; nothing was started`) };
    if (request.script.secret && this.channels.runner.hello.overheard)
      return { how: 'refused', failure: overheard(tried) };
    const begin = async (arrived?: () => void): Promise<PartEnd> => {
      if (signal?.aborted)
        return { how: 'refused', failure: sessionFailure('step/cancelled', tried, 'it was cancelled before it began') };
      return this.awaited(request, watch, signal, () => this.begun(request, arrived));
    };
    const { busy, inputs } = this.channels;
    return busy(async () => inputs.inTurn(request.script.stdin.length, signal, begin));
  }

  private begun(request: PartRequest, arrived?: () => void): Pick<AwaitedPart, 'answer' | 'limit'> {
    const { runner } = this.channels;
    const answer = runner.ask((number) => startMessages(number, request, new Date()));
    // Messages are taken in order, so whoever answers this one has read all that was sent before.
    if (arrived) runner.ask((number) => [text(`there ${number}`)]).then(arrived, arrived);
    return { answer, limit: request.seconds * 1000 };
  }

  async follow(
    claim: { task: string; attempt: number; part: 'do' | 'undo' },
    watch?: OutputWatch,
    signal?: AbortSignal,
  ): Promise<PartEnd> {
    named(claim.task);
    return this.awaited(claim, watch, signal, () => ({}));
  }

  async output(
    name: { task: string; attempt: number; part: SessionPart; stream: 'stdout' | 'stderr' },
    offset: number,
    limit: number,
  ): Promise<Uint8Array> {
    const [stdout, stderr] = name.stream === 'stdout' ? [offset, never] : [never, offset];
    named(name.task);
    return this.reading(async (reader) => (await reader.follow(name, stdout, stderr, limit))[name.stream]);
  }

  async saved(task: string, file: string, limit: number): Promise<Uint8Array | undefined> {
    if (!/^[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/.test(file))
      throw new Error(`${file} is no name of a saved file`);
    return this.reading(async (reader) => reader.saved(named(task), file, limit));
  }

  async measure(path: string, most: number): Promise<Measured | undefined> {
    return this.reading(async (reader) => reader.measure(path, most));
  }

  async piece(path: string, index: number, length: number): Promise<Uint8Array> {
    return this.reading(async (reader) => reader.piece(path, index, length));
  }

  async files(patterns: readonly string[], most: number): Promise<FilesThere> {
    return this.reading(async (reader) => reader.files(patterns, most));
  }

  async stretch(file: FoundFile, offset: number, length: number): Promise<Uint8Array | undefined> {
    return this.reading(async (reader) => reader.stretch(file, offset, length));
  }

  async carry(task: string, index: number, bytes: Uint8Array): Promise<number> {
    return this.reading(async (reader) => reader.carry(named(task), index, bytes));
  }

  async keepPostImage(task: string, image: string): Promise<string | undefined> {
    if (image.includes('\n')) throw new Error('an image is one line');
    const answer = await this.ask(`keeping the post-image of ${task}`, (number) => [
      text(`keep ${number} ${named(task)} ${escape(Buffer.from(image))}`),
    ]);
    return answer.find(({ word }) => word === 'pre')?.rest;
  }

  async quiet(task: string): Promise<void> {
    await this.ask(`ending what still runs for ${task}`, (number) => [text(`quiet ${number} ${named(task)}`)]);
  }

  async forget(tasks: readonly string[]): Promise<void> {
    // One message stays under 4 KiB.
    for (let from = 0; from < tasks.length; from += 16) {
      const some = tasks.slice(from, from + 16).map(named);
      await this.ask(`forgetting ${some.length} tasks`, (number) => [text(`forget ${number} ${some.join(' ')}`)]);
    }
  }

  private async awaited(
    name: PartName,
    watch: OutputWatch | undefined,
    signal: AbortSignal | undefined,
    begin: () => Pick<AwaitedPart, 'answer' | 'limit'>,
  ): Promise<PartEnd> {
    const { host, runner, reader, busy } = this.channels;
    let watching = false;
    const guarded: OutputWatch | undefined =
      watch &&
      (async (chunk) => {
        watching = true;
        await watch(chunk);
        watching = false;
      });
    try {
      return await busy(async () => awaitPart({ host, name, runner, reader, watch: guarded, signal, ...begin() }));
    } catch (error) {
      // The watcher's own failure is not the host's.
      if (watching || error instanceof TaskKnown) throw error;
      return { how: 'lost', failure: this.gone(error).failure };
    }
  }

  private async ask(tried: string, make: (number: number) => readonly Uint8Array[]): Promise<Answer[]> {
    const answer = await this.orGone(async () => within(this.channels.limit, tried, this.channels.runner.ask(make)));
    const told = answer.at(-1);
    if (told?.word === 'failed') throw new Failed(toldFailure(`${tried} on ${this.channels.host}`, told.rest));
    return answer;
  }

  private async reading<T>(question: (reader: ReaderChannel) => Promise<T>): Promise<T> {
    return this.orGone(async () => question(await this.channels.reader()));
  }

  private async orGone<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await this.channels.busy(work);
    } catch (error) {
      throw this.gone(error);
    }
  }

  /** A host that does not answer in time is as lost as one whose connection broke. */
  private gone(error: unknown): Failed {
    this.channels.abandon(error instanceof Error ? error : new Error(String(error)));
    return error instanceof Failed ? error : lost(this.channels.host, error);
  }
}

/** An offset at which no output begins. */
const never = Number.MAX_SAFE_INTEGER;

function text(message: string): Uint8Array {
  return Buffer.from(`${message}\n`);
}

/** Task names are made by Belay; one that is none would change the meaning of a message. */
function named(task: string): string {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(task)) throw new Error(`${task} is no task name`);
  return task;
}

function journalEntry(answer: readonly Answer[]): JournalEntry {
  const line = (word: string): string | undefined => answer.find((one) => one.word === word)?.rest;
  const [preImage, postImage] = [line('pre'), line('post')];
  return {
    claims: answer.filter((one) => one.word === 'claim').map((one) => claimOf(one.rest)),
    ...(preImage === undefined ? {} : { preImage }),
    ...(postImage === undefined ? {} : { postImage }),
  };
}

function claimOf(rest: string): JournalClaim {
  const [part, attempt, holder, bootId = '', state, code] = rest.split(' ');
  return {
    part: part as JournalClaim['part'],
    attempt: Number(attempt),
    holder: Number(holder),
    bootId,
    state: state as JournalClaim['state'],
    ...(code === '-' ? {} : { code: Number(code) }),
  };
}
