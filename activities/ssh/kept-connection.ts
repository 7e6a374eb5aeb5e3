import { setImmediate } from 'node:timers/promises';
import type { Client } from 'ssh2';
import { Failed } from '../../model/failure.js';
import { connect, type ConnectOptions } from './connect.js';
import { HostSession } from './host-session.js';
import type { InputTurns } from './input-turns.js';
import { readerStart, runnerStart, type StartedBy } from './programs.js';
import { ReaderChannel } from './reader-channel.js';
import { RunnerChannel } from './runner-channel.js';
import { lost } from './session-failure.js';
import type { Destination } from './session.js';

export interface KeptSettings {
  /** Parent of the journal on the host; empty for the user's own. */
  readonly state: string;
  readonly shell: readonly string[];
  /** Milliseconds. */
  readonly idle: number;
  /** Milliseconds for one answer of the host. */
  readonly answer: number;
  readonly log: (line: string) => void;
  readonly connect: ConnectOptions;
  readonly inputs: InputTurns;
}

/** One connection to one host, its runner, and its reading channel once that is needed. Two channels of sshd's ten. */
export class KeptConnection {
  readonly session: HostSession;
  private reader: Promise<ReaderChannel> | undefined;
  private under = 0;
  private idleSince = performance.now();
  private readonly idleTimer: NodeJS.Timeout;
  private ended = false;

  private constructor(
    private readonly client: Client,
    private readonly runner: RunnerChannel,
    private holder: number,
    private readonly host: string,
    private readonly by: StartedBy,
    private readonly settings: KeptSettings,
    private readonly forget: (gone: KeptConnection) => void,
  ) {
    this.session = new HostSession({
      host,
      runner,
      reader: async () => this.readerChannel(),
      abandon: (why) => this.abandon(why),
      limit: settings.answer,
      inputs: settings.inputs,
      busy: async (work) => this.busy(work),
    });
    this.idleTimer = setInterval(() => this.closeIfIdle(), Math.max(settings.idle / 5, 50));
    this.idleTimer.unref();
  }

  /** @throws Failed with a `host/…` kind */
  static async open(
    destination: Destination,
    holder: number,
    settings: KeptSettings,
    forget: (gone: KeptConnection) => void,
  ): Promise<KeptConnection> {
    const { host } = destination;
    const client = await connect(destination, settings.connect);
    let cut: Error | undefined;
    let kept: KeptConnection | undefined;
    const gone = (why: Error): void => kept?.abandon(why);
    const cutOff = (why: Error): void => gone((cut ??= why));
    client.on('error', cutOff);
    client.once('close', () => cutOff(new Error('the connection was closed')));
    try {
      const by = { shell: settings.shell, sudo: destination.sudo === true };
      const runner = await RunnerChannel.start(
        client,
        runnerStart(by, settings.state, destination.journal ?? host, holder),
        destination,
        settings.answer,
        gone,
      );
      kept = new KeptConnection(client, runner, holder, host, by, settings, forget);
      settings.log(`connected to ${host}`);
      return kept;
    } catch (error) {
      // Channels end a moment before the connection that carried them does.
      await setImmediate();
      client.destroy();
      throw error instanceof Failed && !cut ? error : lost(host, cut ?? error);
    }
  }

  /** Makes the host take `holder` for its highest; at once where it already does. */
  async hold(holder: number, task?: string): Promise<void> {
    this.idleSince = performance.now();
    if (holder === this.holder) return;
    await this.session.hold(holder, task);
    this.holder = Math.max(this.holder, holder);
  }

  leave(why: string): void {
    this.abandon(new Error(why));
  }

  private async readerChannel(): Promise<ReaderChannel> {
    this.reader ??= ReaderChannel.start(
      this.client,
      readerStart(this.by, this.runner.hello.journal),
      this.settings.answer,
      (why) => this.abandon(why),
    );
    return this.reader;
  }

  private async busy<T>(work: () => Promise<T>): Promise<T> {
    this.under += 1;
    try {
      return await work();
    } finally {
      this.under -= 1;
      this.idleSince = performance.now();
    }
  }

  /** Milliseconds for which nobody has used it; 0 while somebody does. */
  get unused(): number {
    return this.under === 0 ? performance.now() - this.idleSince : 0;
  }

  private closeIfIdle(): void {
    if (this.unused > this.settings.idle) this.leave('nobody used it');
  }

  private abandon(why: Error): void {
    if (this.ended) return;
    this.ended = true;
    clearInterval(this.idleTimer);
    this.forget(this);
    this.settings.log(`left ${this.host}: ${why.message}`);
    this.runner.fail(why);
    this.client.end();
    this.client.destroy();
  }
}
