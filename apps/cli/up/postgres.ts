import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildRequest } from './child.js';
import { findPostgresPlace, type PostgresPlace } from './postgres-place.js';
import { UpRefused } from './refused.js';
import { runToEnd } from './run-program.js';
import type { Say } from './say.js';
import { clearStalePid } from './stale-pid.js';

/**
 * Prepares the embedded Postgres and says how to run it. Its programs are run directly: the package's own wrapper
 * ends Postgres by itself at Ctrl-C, before those who still write to it.
 *
 * @throws UpRefused
 */
export async function preparePostgres(
  data: string,
  port: number,
  say: Say,
): Promise<{ request: ChildRequest; databaseUrl: string }> {
  const place = await findPostgresPlace(data, say);
  const password = keptPassword(join(data, 'postgres-password'));
  await initialise(place, password, say);
  clearStalePid(place.cluster);
  const databaseUrl = `postgresql://belay:${password}@127.0.0.1:${String(port)}/postgres`;
  return { request: request(place, data, port), databaseUrl };
}

function request(place: PostgresPlace, data: string, port: number): ChildRequest {
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', max_connections: '100' };
  return {
    name: 'postgres',
    command: join(place.programs, 'bin/postgres'),
    arguments: [
      ...['-D', place.cluster, '-p', String(port)],
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    environment: environmentOf(),
    folder: '/',
    ...(place.account === undefined ? {} : { account: place.account }),
    log: join(data, 'log', 'postgres.log'),
    speaks: false,
    ports: [port],
    stopSignal: 'SIGINT',
    grace: 20,
    ready: (child) => Promise.resolve(isReady(place.cluster, child.pid)),
    patience: 60,
  };
}

/** Postgres writes its state into the eighth line of its pid file; the first says whose state it is. */
function isReady(cluster: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    return lines[0]?.trim() === String(pid) && lines[7]?.trim() === 'ready';
  } catch {
    return false;
  }
}

/** The database's only password; on loopback, but so is every other user of the machine. */
function keptPassword(file: string): string {
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  return readFileSync(file, 'utf8').trim();
}

/** Makes the cluster once. One that was left half made is recognised by its missing mark, and made again. */
async function initialise(place: PostgresPlace, password: string, say: Say): Promise<void> {
  const mark = join(place.cluster, 'belay-initialised');
  if (existsSync(mark)) return;
  say('making the Postgres database (once)');
  mkdirSync(place.cluster, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(place.cluster)) rmSync(join(place.cluster, name), { recursive: true });
  const passwordFile = join(tmpdir(), `belay-${randomBytes(8).toString('hex')}`);
  writeFileSync(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (place.account !== undefined) chownSync(passwordFile, place.account.uid, place.account.gid);
  const end = await runToEnd(
    join(place.programs, 'bin/initdb'),
    [
      `--pgdata=${place.cluster}`,
      '--username=belay',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
    ],
    { seconds: 120, environment: environmentOf(), ...(place.account === undefined ? {} : { account: place.account }) },
  ).finally(() => rmSync(passwordFile, { force: true }));
  if (end.code !== 0)
    throw new UpRefused(`Postgres' initdb failed: ${end.output.trim().slice(-400)}`, 'put that right and start again');
  writeFileSync(mark, '', { mode: 0o600 });
}

const environmentOf = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' });
