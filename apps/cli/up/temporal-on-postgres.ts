import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import getPort from 'get-port';
import { stringify } from 'yaml';
import { projectFolder } from '../folders.js';
import type { ChildRequest } from './child.js';
import { lowPorts } from './ports.js';
import { UpRefused } from './refused.js';
import { runToEnd } from './run-program.js';
import type { Say } from './say.js';
import { prepareServer } from './temporal-server-build.js';
import { prepareTemporal } from './temporal-server.js';
import { retention } from './temporal.js';

/** Where Temporal keeps its state: in a file of the development server, or in Postgres, as in production. */
export const temporalStores = ['file', 'postgres'] as const;
export type TemporalStore = (typeof temporalStores)[number];

/** Temporal's own two databases, and the schema of each that its tool carries. */
const databases = { temporal: 'temporal', temporal_visibility: 'visibility' } as const;

/** Fixed for the life of the databases. Four are plenty for one machine. */
const historyShards = 4;

/**
 * A data folder keeps the store with which it began: the runs that one knows are unknown to the other.
 *
 * @throws UpRefused where another one is asked for
 */
export function keepToStore(data: string, store: TemporalStore): void {
  const begun: TemporalStore | undefined = existsSync(join(data, 'temporal.db'))
    ? 'file'
    : existsSync(join(data, 'temporal'))
      ? 'postgres'
      : undefined;
  if (begun === undefined || begun === store) return;
  throw new UpRefused(
    `the runs of ${data} are known to a Temporal server that keeps its state ${begun === 'file' ? 'in a file' : 'in Postgres'}, and would be lost to another one`,
    `set BELAY_TEMPORAL_STORE=${begun}, or begin with another BELAY_DATA`,
  );
}

/**
 * Temporal's server with its state in Postgres: makes its two databases, brings them to the schema of this release, and
 * says how to run it.
 *
 * @throws UpRefused
 */
export async function temporalOnPostgres(
  data: string,
  databaseUrl: string,
  port: number,
  say: Say,
): Promise<ChildRequest> {
  const { server, sqlTool } = await prepareServer(process.env, say);
  const cli = await prepareTemporal(process.env, say);
  await bringUpToDate(sqlTool, databaseUrl);
  const folder = join(data, 'temporal');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'config.yaml');
  // It holds the password of the database.
  writeFileSync(file, stringify(await configuration(databaseUrl, port), { lineWidth: 0 }), { mode: 0o600 });
  return {
    name: 'temporal',
    command: server,
    arguments: ['--config-file', file, '--allow-no-auth', 'start'],
    environment: process.env,
    folder,
    log: join(data, 'log', 'temporal.log'),
    speaks: false,
    ports: [port],
    stopSignal: 'SIGTERM',
    grace: 20,
    ready: async () => namespaceIsThere(cli, `127.0.0.1:${String(port)}`),
    patience: 120,
  };
}

/** Harmless where all is there already: then the first two find it so, and the last one has nothing to do. */
async function bringUpToDate(sqlTool: string, databaseUrl: string): Promise<void> {
  const { hostname, port, username, password } = new URL(databaseUrl);
  const environment = {
    ...process.env,
    ...{ SQL_PLUGIN: 'postgres12', SQL_HOST: hostname, SQL_PORT: port || '5432' },
    ...{ SQL_USER: decodeURIComponent(username), SQL_PASSWORD: decodeURIComponent(password) },
  };
  for (const [database, schema] of Object.entries(databases)) {
    const tool = async (...words: string[]): Promise<{ code: number; output: string }> =>
      runToEnd(sqlTool, ['--db', database, ...words], { seconds: 300, environment });
    await tool('create-database');
    await tool('setup-schema', '-v', '0.0');
    const end = await tool('update-schema', '--schema-name', `postgresql/v12/${schema}`);
    if (end.code !== 0)
      throw new UpRefused(
        `Temporal's database ${database} cannot be brought up to date: ${end.output.trim().slice(-600)}`,
        'its account must be able to make databases, or they must be there and be its own',
      );
  }
}

async function configuration(databaseUrl: string, port: number): Promise<unknown> {
  const { hostname, port: databasePort, username, password } = new URL(databaseUrl);
  const store = (databaseName: string, maxConns: number): unknown => ({
    sql: {
      ...{ pluginName: 'postgres12', databaseName, connectProtocol: 'tcp' },
      connectAddr: `${hostname}:${databasePort || '5432'}`,
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      ...{ maxConns, maxIdleConns: maxConns, maxConnLifetime: '1h' },
    },
  });
  const free = async (): Promise<number> => getPort({ port: lowPorts(), host: '127.0.0.1' });
  const rpc = async (grpcPort?: number): Promise<unknown> => ({
    rpc: { grpcPort: grpcPort ?? (await free()), membershipPort: await free(), bindOnLocalHost: true },
  });
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: historyShards },
      // Each of the four services has a pool of its own.
      datastores: { default: store('temporal', 8), visibility: store('temporal_visibility', 2) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: { frontend: await rpc(port), matching: await rpc(), history: await rpc(), worker: await rpc() },
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: {
          ...{ enabled: true, initialFailoverVersion: 1 },
          ...{ rpcName: 'frontend', rpcAddress: `127.0.0.1:${String(port)}` },
        },
      },
    },
    dynamicConfigClient: { filepath: join(projectFolder(), 'docker', 'temporal-dynamic.yaml'), pollInterval: '60s' },
  };
}

async function namespaceIsThere(cli: string, address: string): Promise<boolean> {
  const words = ['--namespace', 'default', '--retention', retention, '--address', address, '--command-timeout', '5s'];
  for (const verb of ['update', 'create']) {
    const end = await runToEnd(cli, ['operator', 'namespace', verb, ...words], { seconds: 10 });
    if (end.code === 0) return true;
  }
  return false;
}
