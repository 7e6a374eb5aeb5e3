import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Destination } from '../../activities/ssh/session.js';
import { until } from './sshd.js';

/** A controlling process of its own. */
export interface Worker {
  readonly pid: number;
  /** What it has printed so far. */
  readonly lines: string[];
  order(order: object): void;
  says(what: RegExp, seconds?: number): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  gone(): Promise<void>;
}

export interface WorkerOptions {
  readonly destination: Destination;
  readonly state: string;
  readonly shell: readonly string[];
  readonly holder: number;
}

/** Starts a process that drives a host, so that it can be killed while it does. */
export function startWorker({ destination, ...options }: WorkerOptions): Worker {
  const { key, ...rest } = destination;
  const privateKey = 'privateKey' in key ? Buffer.from(key.privateKey).toString('base64') : '';
  const setting = JSON.stringify({ ...options, destination: rest, privateKey });
  const folder = import.meta.dirname;
  const child = spawn(
    process.execPath,
    [
      '--no-warnings',
      '--experimental-transform-types',
      '--import',
      join(folder, 'typescript.mjs'),
      join(folder, 'worker.ts'),
      setting,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    pid: child.pid ?? 0,
    lines,
    order: (order) => void child.stdin.write(`${JSON.stringify(order)}\n`),
    says: async (what, seconds = 60) => {
      await until(`the worker says ${what.source}`, () => lines.some((line) => what.test(line)), seconds);
      return lines.find((line) => what.test(line)) ?? '';
    },
    kill: (signal) => void child.kill(signal),
    gone: async () => exit,
  };
}
