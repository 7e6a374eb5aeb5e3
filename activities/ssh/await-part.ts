import { setTimeout as sleep } from 'node:timers/promises';
import type { PartName, Reading, ReaderChannel } from './reader-channel.js';
import { between } from './reader-channel.js';
import type { Answer, RunnerChannel } from './runner-channel.js';
import { sessionFailure, toldFailure } from './session-failure.js';
import { TaskKnown, type OutputWatch, type PartEnd } from './session.js';

/** A part that is being waited for, and the channels through which it can be seen and killed. */
export interface AwaitedPart {
  readonly host: string;
  readonly name: PartName;
  readonly runner: RunnerChannel;
  readonly reader: () => Promise<ReaderChannel>;
  readonly watch: OutputWatch | undefined;
  readonly signal: AbortSignal | undefined;
  /** The runner's answer to its start; absent where an earlier runner started it. */
  readonly answer?: Promise<Answer[]>;
  /** Milliseconds after which it should have been killed on the host; absent where that is not known. */
  readonly limit?: number;
}

/** Milliseconds between two looks: where output is watched, where only the end counts, and before the first. */
const pace = { watched: 200, quiet: 5000, first: 100 };
/** Milliseconds after a kill until its victim is given up as unkillable. */
const killPatience = 10_000;
/** Bytes of one stream in one look. */
const piece = 262_144;

/**
 * Waits for the end, and hands output on meanwhile, in order and without gap. The end is what the journal says, never
 * the end of a stream: daemons inherit those.
 */
export async function awaitPart(part: AwaitedPart): Promise<PartEnd> {
  const following = new Following(part);
  const abort = (): void => following.kill();
  part.signal?.addEventListener('abort', abort, { once: true });
  if (part.signal?.aborted) abort();
  try {
    return await following.end();
  } finally {
    part.signal?.removeEventListener('abort', abort);
  }
}

class Following {
  private readonly offsets = { stdout: 0, stderr: 0 };
  private readonly began = performance.now();
  private killedAt = Infinity;
  private answered: Answer | undefined;
  private broken: Error | undefined;
  private wake: () => void = () => undefined;

  constructor(private readonly part: AwaitedPart) {
    part.answer?.then(
      (lines) => this.settle(lines.at(-1)),
      (error: unknown) => {
        this.broken = error instanceof Error ? error : new Error(String(error));
        this.wake();
      },
    );
  }

  kill(): void {
    const { task, part, attempt } = this.part.name;
    this.killedAt = performance.now();
    this.part.runner.tell(`kill 0 ${task} ${part} ${attempt}`);
    this.wake();
  }

  async end(): Promise<PartEnd> {
    if (this.part.answer) await this.pause(pace.first);
    for (;;) {
      if (this.broken) throw this.broken;
      const end = (this.answered && this.atAnswer(this.answered)) ?? (await this.look());
      if (end) return end;
      if (this.overdue())
        return this.unknown('it did not end although it was killed; its processes may hang in the kernel');
    }
  }

  /** The end where the answer alone tells it; undefined where output is still to be fetched. */
  private atAnswer({ word, rest }: Answer): PartEnd | undefined {
    if (word === 'refused') return { how: 'refused', failure: toldFailure(this.tried(), rest) };
    if (word === 'void')
      return {
        how: 'refused',
        failure: toldFailure(this.tried(), 'host/disk-full its start could not be written down'),
      };
    if (word === 'known') throw new TaskKnown(this.part.name.task);
    if (word === 'begun') return this.unknown('this attempt has a claim already: it is followed, never started again');
    const [state = '', code = '', began = '', ended = '', out = '', err = '', ...line] = rest.split(' ');
    if (state === 'unsaved')
      return {
        how: 'refused',
        failure: toldFailure(
          this.tried(),
          'host/disk-full its pre-image could not be kept (its image line has at most 2048 bytes)',
        ),
      };
    const nothing = out === '0' && err === '0';
    if (!nothing && this.part.watch) return undefined;
    const end = endOf(state, Number(code), between(began, ended), 0);
    if (end.how !== 'exited' || (!nothing && line.length === 0)) return end;
    return { ...end, printed: { stdout: nothing ? '' : `${line.join(' ')}\n`, stderr: '' } };
  }

  /** One look at the journal: hands on what output came, and gives the end once all of it is handed on. */
  private async look(): Promise<PartEnd | undefined> {
    const { watch, name } = this.part;
    const settled = this.answered !== undefined;
    const reading = await (
      await this.part.reader()
    ).follow(name, this.offsets.stdout, this.offsets.stderr, watch ? piece : 0);
    if (watch) await this.handOn(watch, reading);
    const more = reading.stdout.length === piece || reading.stderr.length === piece;
    if (more) return undefined;
    if (reading.state === 'none' && !this.part.answer)
      return this.unknown('the journal on the host does not know it', 'host/journal-lost');
    if (reading.state === 'dead') return this.dead(reading);
    if (reading.state !== 'none' && reading.state !== 'running') {
      return endOf(reading.state, reading.code, reading.milliseconds, reading.dropped);
    }
    if (!settled) await this.pause(watch || !this.part.answer || this.killedAt < Infinity ? pace.watched : pace.quiet);
    return undefined;
  }

  private async handOn(watch: OutputWatch, reading: Reading): Promise<void> {
    for (const stream of ['stdout', 'stderr'] as const) {
      const bytes = reading[stream];
      if (bytes.length === 0) continue;
      await watch({ stream, offset: this.offsets[stream], bytes });
      this.offsets[stream] += bytes.length;
    }
  }

  private settle(answer: Answer | undefined): void {
    this.answered = answer;
    this.wake();
  }

  private async pause(milliseconds: number): Promise<void> {
    if (this.answered || this.broken) return;
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    await Promise.race([woken, sleep(milliseconds, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }

  private overdue(): boolean {
    const now = performance.now();
    const limit = this.part.limit ?? Infinity;
    if (this.killedAt === Infinity && now - this.began > limit + killPatience) this.kill();
    return now - this.killedAt > killPatience;
  }

  private dead({ bootId }: Reading): PartEnd {
    if (bootId === this.part.runner.hello.bootId) return this.unknown('its process is gone and left no result');
    return this.unknown('the host has restarted since it began, and it left no result', 'host/rebooted');
  }

  private tried(): string {
    const { task, part, attempt } = this.part.name;
    return `${part} of ${task}, attempt ${attempt}, on ${this.part.host}`;
  }

  private unknown(
    known: string,
    kind: 'step/outcome-unknown' | 'host/journal-lost' | 'host/rebooted' = 'step/outcome-unknown',
  ): PartEnd {
    return { how: 'lost', failure: sessionFailure(kind, this.tried(), known) };
  }
}

function endOf(state: string, code: number, milliseconds: number, dropped: number): PartEnd {
  if (state === 'timed-out' || state === 'cancelled') return { how: state, milliseconds };
  if (state !== 'exited' || !Number.isInteger(code)) throw new Error('the host tells of an end that is none');
  return { how: 'exited', code, milliseconds, ...(dropped > 0 ? { dropped } : {}) };
}
