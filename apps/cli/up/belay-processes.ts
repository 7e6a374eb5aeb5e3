import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { projectFolder } from '../folders.js';
import type { ChildRequest } from './child.js';
import { runToEnd } from './run-program.js';
import { UpRefused } from './refused.js';

/** What the API and the worker need to know of the rest. */
export interface Surroundings {
  readonly data: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly web: string;
  readonly apiPort: number;
}

/** Path of a built program of the project. */
export const program = (...path: string[]): string => join(projectFolder(), 'build', ...path);

/** The API, which answers once it serves `/healthz`. */
export function apiRequest(around: Surroundings): ChildRequest {
  const health = `http://127.0.0.1:${String(around.apiPort)}/healthz`;
  return { ...node('api', around), grace: 10, ports: [around.apiPort], ready: () => answers(health) };
}

/** The worker, which says `ready` to its parent once it polls. */
export function workerRequest(around: Surroundings): ChildRequest {
  const ready = new WeakSet<ChildProcess>();
  const watched = new WeakSet<ChildProcess>();
  const isReady = (child: ChildProcess) => {
    if (!watched.has(child)) child.on('message', (message) => void (message === 'ready' && ready.add(child)));
    watched.add(child);
    return Promise.resolve(ready.has(child));
  };
  return { ...node('worker', around), grace: 50, ports: [], ready: isReady };
}

/** Brings the tables up to date. @throws UpRefused where that fails */
export async function migrateDatabase(databaseUrl: string): Promise<void> {
  const environment = { ...process.env, BELAY_DATABASE_URL: databaseUrl };
  const end = await runToEnd(process.execPath, [program('apps', 'migrate', 'main.js')], { seconds: 300, environment });
  if (end.code === 0) return;
  throw new UpRefused(
    `the database's tables cannot be brought up to date: ${end.output.trim().slice(-600)}`,
    'nothing was started',
  );
}

function node(name: 'api' | 'worker', around: Surroundings): Omit<ChildRequest, 'ready' | 'grace' | 'ports'> {
  return {
    name,
    command: process.execPath,
    arguments: ['--enable-source-maps', program('apps', name, 'main.js')],
    environment: {
      ...process.env,
      BELAY_DATA: around.data,
      BELAY_DATABASE_URL: around.databaseUrl,
      BELAY_TEMPORAL_ADDRESS: around.temporalAddress,
      BELAY_TEMPORAL_WEB: around.web,
      BELAY_API_HOST: '127.0.0.1',
      BELAY_API_PORT: String(around.apiPort),
      BELAY_API_URL: `http://127.0.0.1:${String(around.apiPort)}`,
    },
    log: join(around.data, 'log', `${name}.log`),
    speaks: true,
    stopSignal: 'SIGTERM',
    patience: 60,
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}
