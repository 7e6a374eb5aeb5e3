import type { Command } from 'commander';
import { dataFolder } from '../folders.js';
import { Stop } from '../stop.js';
import { say as sayTo, type World } from '../world.js';
import type { Say } from './say.js';
import { UpRefused } from './refused.js';
import { startStack, type Stack, type StackRequest } from './stack.js';
import { temporalStores, type TemporalStore } from './temporal-on-postgres.js';

/** `belay up`: runs Belay on this machine, in the foreground, until it is told to stop. */
export function registerUp(program: Command, world: World): void {
  program
    .command('up')
    .description('run Belay on this machine, in the foreground, until Ctrl-C')
    .addHelpText(
      'after',
      '\nData: BELAY_DATA. BELAY_DATABASE_URL and BELAY_TEMPORAL_ADDRESS replace the embedded servers.' +
        '\nBELAY_TEMPORAL_STORE=postgres keeps Temporal’s state in Postgres, by its server for production (docs/production.md).',
    )
    .action(() => up(world));
}

async function up(world: World): Promise<void> {
  // Nobody reads a terminal that was closed, and writing to it would end the process in mid-stop.
  let read = true;
  process.once('SIGHUP', () => (read = false));
  const say: Say = (line) => {
    if (read) sayTo(world, line);
  };
  const told = toldToStop(world);
  const started = performance.now();
  const stack = await startStack({ ...requestFrom(world, say), wanted: told });
  greet(stack, Math.round((performance.now() - started) / 100) / 10, say);
  await aborted(told);
  say('stopping: worker, API, Temporal, Postgres');
  await stack.stop();
  say('stopped');
}

function requestFrom(world: World, log: Say): StackRequest {
  const { BELAY_DATABASE_URL, BELAY_TEMPORAL_ADDRESS, BELAY_TEMPORAL_WEB } = world.environment;
  const temporalStore = storeFrom(world.environment);
  return {
    data: dataFolder(world.environment),
    log,
    temporalStore,
    ...(BELAY_DATABASE_URL !== undefined && { databaseUrl: BELAY_DATABASE_URL }),
    ...(BELAY_TEMPORAL_ADDRESS !== undefined && { temporalAddress: BELAY_TEMPORAL_ADDRESS }),
    ...(BELAY_TEMPORAL_WEB !== undefined && { temporalWeb: BELAY_TEMPORAL_WEB }),
  };
}

/** @throws UpRefused where no store goes by that name */
function storeFrom({ BELAY_TEMPORAL_STORE: named = 'file' }: NodeJS.ProcessEnv): TemporalStore {
  const store = temporalStores.find((one) => one === named);
  if (store !== undefined) return store;
  throw new UpRefused(
    `BELAY_TEMPORAL_STORE is ${named}, and Temporal's state can be kept in a file or in Postgres`,
    `set it to ${temporalStores.join(' or ')}`,
  );
}

function greet(stack: Stack, seconds: number, say: Say): void {
  say(`Belay is up (${String(seconds)} s)`);
  say(`  API           ${stack.api}`);
  if (stack.web !== '') say(`  Temporal web  ${stack.web}`);
  say('  stop with Ctrl-C; runs go on from where they are at the next `belay up`');
}

/** Aborted at Ctrl-C, or when a service manager or a closed terminal asks for the end. */
function toldToStop(world: World): AbortSignal {
  const told = new AbortController();
  const stop = () => told.abort(new Stop('stopped before it was up'));
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  if (world.interrupted.aborted) stop();
  world.interrupted.addEventListener('abort', stop, { once: true });
  return told.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
