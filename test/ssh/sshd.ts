import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import getPort from 'get-port';
import { processes } from './processes.js';
import type { Destination } from '../../activities/ssh/session.js';

/** A real sshd on loopback with keys of its own, and a state directory on disk. */
export interface Sshd {
  readonly port: number;
  readonly folder: string;
  /** Parent of the journals. */
  readonly state: string;
  readonly hostKey: string;
  readonly userKey: Buffer;
  destination(host?: string): Destination;
  log(): string;
  /** Starts it anew with more lines in its configuration; connections live on. */
  restart(configuration: readonly string[]): Promise<void>;
  stop(): Promise<void>;
}

export interface SshdOptions {
  readonly port?: number;
  /** Lines added to its configuration. */
  readonly configuration?: readonly string[];
  /** Shell commands that give it a view of the machine of its own: they run in a fresh mount namespace. */
  readonly view?: (folder: string) => string;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  mkdirSync('/run/sshd', { recursive: true });
  const folder = mkdtempSync('/var/tmp/belay-sshd-');
  const port = options.port ?? (await getPort());
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
  writeFileSync(join(folder, 'config'), configuration(folder, port, options.configuration ?? []));
  const logged: Buffer[] = [];
  let daemon = await launch(folder, port, logged, options.view?.(folder));
  const hostKey = readFileSync(join(folder, 'host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  const userKey = readFileSync(join(folder, 'user'));
  return {
    port,
    folder,
    state: join(folder, 'state'),
    hostKey,
    userKey,
    destination: (host = 'h1') => ({
      host,
      address: '127.0.0.1',
      port,
      user: 'root',
      hostKeys: [hostKey],
      key: { privateKey: userKey },
    }),
    log: () => Buffer.concat(logged).toString('utf8'),
    restart: async (more) => {
      await stopped(daemon);
      writeFileSync(join(folder, 'config'), configuration(folder, port, [...(options.configuration ?? []), ...more]));
      daemon = await launch(folder, port, logged, options.view?.(folder));
    },
    stop: async () => {
      await stopped(daemon);
      endScripts(join(folder, 'state'));
      for (const nonce of noncesUnder(join(folder, 'state')))
        rmSync(`/dev/shm/belay-${nonce}`, { recursive: true, force: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Scripts outlive everything by design; those that a test has left would run on for years. */
function endScripts(state: string): void {
  for (const { pid, group, command } of processes()) {
    if (!command.includes(`${state}/`) && !command.includes(`belay-runner ${state} `)) continue;
    try {
      process.kill(group === pid ? -group : pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
}

async function launch(folder: string, port: number, logged: Buffer[], view = ':'): Promise<ChildProcess> {
  // What root's own shell does when it starts belongs to this machine: it takes time, and locks that a killed login leaves.
  const own = '{ [ ! -e /root/.bashrc ] || mount --bind /dev/null /root/.bashrc; }';
  const command = `${own} && ${view} && exec /usr/sbin/sshd -D -e -f ${join(folder, 'config')}`;
  const daemon = spawn('unshare', ['-m', 'sh', '-c', command], { stdio: ['ignore', 'ignore', 'pipe'] });
  daemon.stderr.on('data', (bytes: Buffer) => logged.push(bytes));
  await listening(port);
  return daemon;
}

function configuration(folder: string, port: number, more: readonly string[]): string {
  return [
    ...more,
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'user.pub')}`,
    `PidFile ${join(folder, 'pid')}`,
    'StrictModes no',
    'UsePAM no',
    'LogLevel DEBUG1',
    '',
  ].join('\n');
}

async function listening(port: number): Promise<void> {
  await until('sshd listens', async () => {
    const socket = connect({ host: '127.0.0.1', port });
    try {
      return await new Promise<boolean>((resolve) => {
        socket.once('data', (bytes) => resolve(bytes.toString('latin1').startsWith('SSH-')));
        socket.once('error', () => resolve(false));
      });
    } finally {
      socket.destroy();
    }
  });
}

/** Runners that were killed leave their folder in memory to the next one of the same journal. */
function noncesUnder(state: string): string[] {
  if (!existsSync(state)) return [];
  return readdirSync(state, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^[^/]+\/nonce$/.test(name))
    .map((name) => readFileSync(join(state, name), 'utf8').trim());
}

async function stopped(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const gone = new Promise((resolve) => daemon.once('exit', resolve));
  daemon.kill('SIGTERM');
  await gone;
}

/** Waits for a condition, at most `seconds`, by a clock that nobody sets. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`${what}: not so after ${seconds} s`);
    await sleep(20);
  }
}
