import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { openLog, whatWentWrong } from './log-file.js';
import { identify, type ProcessIdentity } from './process-identity.js';
import type { Say } from './say.js';
import { listenerOn } from './listener.js';
import { PortTaken, UpRefused } from './refused.js';

/** One process to keep running. */
export interface ChildRequest {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly folder?: string;
  readonly account?: { readonly uid: number; readonly gid: number };
  readonly log: string;
  /** Whether it is a Node program of ours, which can send messages to its parent. */
  readonly speaks: boolean;
  /** What asks it to end in good order. */
  readonly stopSignal: NodeJS.Signals;
  /** Seconds it may take for that; then it is killed. */
  readonly grace: number;
  /** TCP ports on which it must listen itself before it counts as ready. */
  readonly ports: readonly number[];
  /** Resolves to whether it answers, asked until it does. */
  readonly ready: (child: ChildProcess) => Promise<boolean>;
  /** Seconds until it must answer. */
  readonly patience: number;
}

/** Seconds to wait before each new start; the last one is kept to. A child that lived a minute begins anew. */
const waits = [0.2, 1, 2, 5, 10, 30];
const lived = 60_000;

/** A process that is started again when it dies, until it is stopped. */
export class SupervisedChild {
  #process: ChildProcess | undefined;
  #stopping = false;
  #deaths = 0;
  #startedAt = 0;
  #again: NodeJS.Timeout | undefined;

  constructor(
    private readonly request: ChildRequest,
    private readonly say: Say,
    /** Told whenever the process behind the child is another one, or none. */
    private readonly changed: (name: string, process: ProcessIdentity | undefined) => void,
  ) {}

  /** Starts it, and waits until it answers. @throws UpRefused where it does not, PortTaken where another one would */
  async start(): Promise<void> {
    this.#spawn();
    const end = performance.now() + this.request.patience * 1000;
    while (performance.now() < end && this.#deaths < 3 && !this.#stopping) {
      const process = this.#process;
      if (process !== undefined && (await this.request.ready(process)) && this.#listens(process)) return;
      this.#mustBeFree(process);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (this.#stopping) return;
    throw new UpRefused(
      `${this.request.name} does not come up: ${whatWentWrong(this.request.log)}`,
      `see ${this.request.log}`,
    );
  }

  #listens({ pid }: ChildProcess): boolean {
    return pid !== undefined && this.request.ports.every((port) => listenerOn(port, pid) === 'it');
  }

  #mustBeFree(process: ChildProcess | undefined): void {
    const taken = this.request.ports.find((port) => listenerOn(port, process?.pid ?? 0) === 'another');
    if (taken !== undefined) throw new PortTaken(this.request.name, taken);
  }

  kill(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Asks it to end without waiting, for the moment in which the supervisor itself is ending. */
  abandon(): void {
    this.#stopping = true;
    this.#process?.kill(this.request.stopSignal);
  }

  /** Asks it to end, waits for the time of grace, then kills it; returns when it has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#again);
    const process = this.#process;
    if (process === undefined) return;
    const ended = new Promise<void>((resolve) => process.once('exit', () => resolve()));
    process.kill(this.request.stopSignal);
    const late = setTimeout(() => {
      this.say(`${this.request.name} did not end within ${String(this.request.grace)} s; it is killed`);
      process.kill('SIGKILL');
    }, this.request.grace * 1000);
    await ended;
    clearTimeout(late);
  }

  /** A process that cannot even be started has died, too: it is tried again. */
  #spawn(): void {
    try {
      this.#launch();
    } catch (error) {
      this.#fell(error instanceof Error ? error.message : String(error));
    }
  }

  #launch(): void {
    const { command, environment, account, folder } = this.request;
    const log = openLog(this.request.log);
    // What a child writes is for its own account alone; the shell gives its process to the command.
    const words = ['-c', 'umask 077; exec "$@"', command, command, ...this.request.arguments];
    const process = spawn('sh', words, {
      env: environment,
      // A session of its own: Ctrl-C on the terminal reaches the supervisor alone, which then stops all in order.
      detached: true,
      stdio: this.request.speaks ? ['ignore', log, log, 'ipc'] : ['ignore', log, log],
      ...(folder === undefined ? {} : { cwd: folder }),
      ...account,
    });
    closeSync(log);
    this.#process = process;
    this.#startedAt = performance.now();
    process.on('error', (error) => this.#died(process, error.message));
    process.on('exit', (code, signal) => this.#died(process, signal ?? `exit ${String(code)}`));
    if (process.pid !== undefined) this.changed(this.request.name, identify(process.pid));
  }

  #died(process: ChildProcess, how: string): void {
    if (this.#process !== process) return;
    this.#process = undefined;
    this.changed(this.request.name, undefined);
    this.#fell(how);
  }

  #fell(how: string): void {
    if (this.#stopping) return;
    if (performance.now() - this.#startedAt > lived) this.#deaths = 0;
    const seconds = waits[Math.min(this.#deaths, waits.length - 1)] ?? 30;
    this.#deaths += 1;
    this.say(
      `${this.request.name} died (${how}); it is started again in ${String(seconds)} s (log: ${this.request.log})`,
    );
    this.#again = setTimeout(() => this.#spawn(), seconds * 1000);
  }
}
