import { connect } from 'node:net';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from '../folders.js';
import { packagedPrograms } from '../up/postgres-place.js';
import { findTemporal } from '../up/temporal-server.js';
import { runToEnd } from '../up/run-program.js';
import { UpRefused } from '../up/refused.js';
import { usualPorts } from '../up/ports.js';
import { advice, ok, wrong, type Finding } from './finding.js';

export async function temporal(variables: NodeJS.ProcessEnv): Promise<Finding> {
  const address = variables['BELAY_TEMPORAL_ADDRESS'];
  if (address !== undefined) return reachable('Temporal', address, 'BELAY_TEMPORAL_ADDRESS');
  try {
    const found = await findTemporal(variables);
    if (found !== undefined) return ok('Temporal', found);
  } catch (error) {
    return wrong('Temporal', (error as UpRefused).message, 'correct TEMPORAL_CLI_PATH');
  }
  const go = await runToEnd('go', ['version']);
  if (go.code === 0)
    return advice('Temporal', 'no server yet', '`belay up` builds it with Go, once, in about three minutes');
  return wrong(
    'Temporal',
    'no server, and no Go to build it with',
    'install Go 1.24 or newer, or the Temporal CLI 1.5.1 or newer',
  );
}

export async function postgres(variables: NodeJS.ProcessEnv): Promise<Finding> {
  const url = variables['BELAY_DATABASE_URL'];
  if (url !== undefined) {
    const { hostname, port } = new URL(url);
    return reachable('Postgres', `${hostname}:${port === '' ? '5432' : port}`, 'BELAY_DATABASE_URL');
  }
  try {
    const programs = packagedPrograms();
    const end = await runToEnd(join(programs, 'bin', 'postgres'), ['--version']);
    if (end.code === 0) return ok('Postgres', end.output.trim());
    return wrong('Postgres', `does not run: ${end.output.trim()}`, 'install what it misses, or set BELAY_DATABASE_URL');
  } catch (error) {
    return wrong('Postgres', (error as UpRefused).message, 'set BELAY_DATABASE_URL');
  }
}

/** Taken ports do no harm: `up` takes others. They are told because somebody may look for them. */
export async function ports(variables: NodeJS.ProcessEnv): Promise<Finding> {
  const up = apiOf(variables);
  if (up !== undefined && (await listens(up.hostname, Number(up.port))))
    return ok('ports', `Belay is up: ${up.origin}`);
  const wanted = Object.entries(usualPorts);
  const taken = await Promise.all(wanted.map(async ([, port]) => listens('127.0.0.1', port)));
  const names = wanted.filter((_, index) => taken[index]).map(([name, port]) => `${String(port)} (${name})`);
  if (names.length === 0) return ok('ports', wanted.map(([, port]) => String(port)).join(', '));
  return advice(
    'ports',
    `taken: ${names.join(', ')}`,
    'nothing needs to be done: `belay up` takes others and tells which',
  );
}

/** Where `belay up` said that the API is; a killed one says so still. */
function apiOf(variables: NodeJS.ProcessEnv): URL | undefined {
  const file = join(dataFolder(variables), 'up.json');
  if (!existsSync(file)) return undefined;
  return new URL((JSON.parse(readFileSync(file, 'utf8')) as { api: string }).api);
}

async function reachable(about: string, address: string, setting: string): Promise<Finding> {
  const colon = address.lastIndexOf(':');
  if (await listens(address.slice(0, colon).replace(/^\[|\]$/g, ''), Number(address.slice(colon + 1))))
    return ok(about, `${address} (${setting})`);
  return wrong(about, `nothing answers at ${address}`, `start it, or correct ${setting}`);
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 3000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('connect', () => end(true));
    socket.on('timeout', () => end(false));
    socket.on('error', () => end(false));
  });
}
