import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apiRequest, migrateDatabase, workerRequest, type Surroundings } from './belay-processes.js';
import { SupervisedChild, type ChildRequest } from './child.js';
import { holdData } from './data-lock.js';
import { ChildrenRecord, endLeftovers } from './leftovers.js';
import { capLog } from './log-file.js';
import { takePorts } from './ports.js';
import { preparePostgres } from './postgres.js';
import { PortTaken } from './refused.js';
import type { Say } from './say.js';
import { keepToStore, temporalOnPostgres, type TemporalStore } from './temporal-on-postgres.js';
import { temporalRequest } from './temporal.js';
import { prepareTemporal } from './temporal-server.js';

/** The processes behind `up`, in the order in which they start; they stop the other way round. */
const childNames = ['postgres', 'temporal', 'api', 'worker'] as const;
export type ChildName = (typeof childNames)[number];

export interface StackRequest {
  /** The data folder; made where there is none. */
  readonly data: string;
  /** Told what happens, one line each. */
  readonly log: Say;
  /** An existing Postgres; the embedded one is not started then. */
  readonly databaseUrl?: string;
  /** An existing Temporal server, `host:port`; the embedded one is not started then. */
  readonly temporalAddress?: string;
  /** Address of that server's web UI, for links. */
  readonly temporalWeb?: string;
  /** Where the embedded Temporal keeps its state; `file` where it is not said. */
  readonly temporalStore?: TemporalStore;
  /** Aborted when whoever asked no longer wants it; what was started is then stopped again. */
  readonly wanted?: AbortSignal;
}

export interface Stack {
  readonly api: string;
  /** Temporal's web UI; empty where an existing server came without one. */
  readonly web: string;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
  /** Bearer token of the API. */
  readonly token: string;
  /** Sends a signal to one child, as a crash would; it is started again. */
  kill(child: ChildName, signal: NodeJS.Signals): void;
  /** Stops all, worker first; returns when every child has ended. */
  stop(): Promise<void>;
}

/**
 * Starts Belay on this machine and returns when it answers.
 *
 * @throws UpRefused where another `up` holds the data folder, or something needed is missing
 * @throws the signal's reason where `wanted` is aborted meanwhile
 */
export async function startStack(request: StackRequest): Promise<Stack> {
  const { data } = request;
  mkdirSync(data, { recursive: true, mode: 0o711 });
  // Postgres' account must be able to pass; what is inside is closed file by file.
  chmodSync(data, 0o711);
  const held = await holdData(data);
  let children: Children | undefined;
  const stop = async () => {
    rmSync(join(data, 'up.json'), { force: true });
    await children?.stop();
    held.release();
  };
  try {
    await endLeftovers(data, request.log);
    const around = await startSomewhere(request, () => (children = new Children(data, request.log)));
    return { ...describe(around), kill: (name, signal) => children?.kill(name, signal), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Choices of ports: who loses one so often has another trouble. */
const choices = 5;

/** Starts the children; on other ports where somebody has been quicker to use one. */
async function startSomewhere(request: StackRequest, anew: () => Children): Promise<Surroundings> {
  for (let tries = 1; ; tries += 1) {
    const children = anew();
    try {
      return await unless(request.wanted, startChildren(request, children));
    } catch (error) {
      if (!(error instanceof PortTaken) || tries === choices) throw error;
      request.log(`port ${String(error.port)} was taken before ${error.child} could use it; others are tried`);
      await children.stop();
    }
  }
}

async function unless<T>(aborted: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (aborted === undefined) return work;
  aborted.throwIfAborted();
  const end = new AbortController();
  const abort = new Promise<never>((_, reject) => {
    aborted.addEventListener('abort', () => reject(aborted.reason as Error), { once: true, signal: end.signal });
  });
  return Promise.race([work, abort]).finally(() => end.abort());
}

async function startChildren(request: StackRequest, children: Children): Promise<Surroundings> {
  const { data, log } = request;
  const { temporalStore: store = 'file' } = request;
  if (request.temporalAddress === undefined) keepToStore(data, store);
  const ports = await takePorts(data, log);
  const postgres = Promise.resolve(request.databaseUrl ?? startPostgres(data, ports.postgres, children, log));
  const [databaseUrl, temporal] = await both(
    postgres,
    existingTemporal(request) ??
      (store === 'postgres'
        ? postgres.then(async (url) => startOnPostgres(data, url, ports.temporal, children, log))
        : startTemporal(data, ports, children, log)),
  );
  const around = { data, databaseUrl, ...temporal, apiPort: ports.api };
  await migrateDatabase(databaseUrl);
  await both(children.start('api', apiRequest(around)), children.start('worker', workerRequest(around)));
  return around;
}

/** Both; where one fails, the other one's start is over, too, before anybody starts anew. */
async function both<A, B>(one: A, other: B): Promise<[Awaited<A>, Awaited<B>]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

async function startPostgres(data: string, port: number, children: Children, say: Say): Promise<string> {
  const { request, databaseUrl } = await preparePostgres(data, port, say);
  await children.start('postgres', request);
  return databaseUrl;
}

type Temporal = Pick<Surroundings, 'temporalAddress' | 'web'>;

function existingTemporal(request: StackRequest): Temporal | undefined {
  const { temporalAddress } = request;
  return temporalAddress === undefined ? undefined : { temporalAddress, web: request.temporalWeb ?? '' };
}

async function startTemporal(
  data: string,
  ports: { temporal: number; web: number },
  children: Children,
  say: Say,
): Promise<Temporal> {
  await children.start('temporal', temporalRequest(await prepareTemporal(process.env, say), data, ports));
  return { temporalAddress: `127.0.0.1:${String(ports.temporal)}`, web: `http://127.0.0.1:${String(ports.web)}` };
}

/** The server of production brings no web UI. */
async function startOnPostgres(
  data: string,
  databaseUrl: string,
  port: number,
  children: Children,
  say: Say,
): Promise<Temporal> {
  await children.start('temporal', await temporalOnPostgres(data, databaseUrl, port, say));
  return { temporalAddress: `127.0.0.1:${String(port)}`, web: '' };
}

/** Leaves `up.json`, by which the CLI finds this stack, and reads the token that the API has made. */
function describe(around: Surroundings): Omit<Stack, 'kill' | 'stop'> {
  const api = `http://127.0.0.1:${String(around.apiPort)}`;
  const { temporalAddress, databaseUrl, web, data } = around;
  const up = { api, web, temporal: temporalAddress, database: databaseUrl, pid: process.pid };
  writeFileSync(join(data, 'up.json'), `${JSON.stringify(up, null, 2)}\n`, { mode: 0o600 });
  return { api, web, temporalAddress, databaseUrl, token: readFileSync(join(data, 'api-token'), 'utf8').trim() };
}

/** The children of one data folder. */
class Children {
  readonly #running = new Map<ChildName, SupervisedChild>();
  readonly #record: ChildrenRecord;
  readonly #cap: NodeJS.Timeout;
  #stopped = false;

  constructor(
    data: string,
    private readonly say: Say,
  ) {
    this.#record = new ChildrenRecord(data, say);
    const logs = childNames.map((name) => join(data, 'log', `${name}.log`));
    this.#cap = setInterval(() => logs.forEach((log) => this.#capLog(log)), 10_000);
    this.#cap.unref();
    process.once('exit', this.#abandon);
  }

  /** Only where the process ends without `stop`: the children end too, each by itself. */
  readonly #abandon = (): void => {
    for (const child of this.#running.values()) child.abandon();
  };

  /** Nothing starts any more once the stack is being stopped. */
  async start(name: ChildName, request: ChildRequest): Promise<void> {
    if (this.#stopped) return;
    const child = new SupervisedChild(request, this.say, (who, process) => this.#record.note(who, process));
    this.#running.set(name, child);
    await child.start();
  }

  #capLog(log: string): void {
    try {
      capLog(log);
    } catch (error) {
      this.say(`${log} was cut, and its older part is lost: ${String(error)}`);
    }
  }

  kill(name: ChildName, signal: NodeJS.Signals): void {
    this.#running.get(name)?.kill(signal);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#cap);
    for (const name of [...childNames].reverse()) await this.#running.get(name)?.stop();
    process.off('exit', this.#abandon);
  }
}
