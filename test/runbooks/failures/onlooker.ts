import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Database } from '../../../database/connect.js';
import type { Belay } from '../../end-to-end/belay.js';
import { nameOf } from '../sabotage.js';
import { small } from '../gluu-world.js';

/** The most checks that are named in a row of a table. */
const named = 8;

/** Asks gluu/verify of a cluster that another run is working on. */
export type Onlooker = () => Promise<string>;

/**
 * @param inventory - which nodes are to be a cluster
 */
export function onlooker(
  belay: Belay,
  database: Database,
  inventory: string,
  now = performance.now.bind(performance),
): Onlooker {
  const beside = withoutLeases(inventory);
  return async () => {
    const began = now();
    const { hash } = await belay.plan('runbooks/gluu/verify.yaml', { ...small, disk: '100MiB' }, beside);
    const run = await belay.start(hash);
    const { state } = await belay.until(run, ['failed', 'succeeded'], 400);
    await level(database);
    const red = (await belay.tasks(run)).filter(({ failure, step }) => failure !== undefined && step !== 'verdict');
    process.stderr.write(`verify: ${state} after ${((now() - began) / 1000).toFixed(0)} s\n`);
    return verdict(state, red.map(nameOf));
  };
}

function verdict(state: string, red: readonly string[]): string {
  if (red.length === 0) return state === 'succeeded' ? 'green' : state;
  const more = red.length > named ? `, and ${String(red.length - named)} more` : '';
  return `red: ${red.slice(0, named).join(', ')}${more}`;
}

/** Hosts that have seen the onlooker's numbers would let nobody act by a lower one, and the run that stands has none but these. */
async function level(database: Database): Promise<void> {
  await database.query('update holders set holder = (select max(holder) from holders)');
}

/** The same hosts as machines of other names: whoever only looks need not wait for the run that holds them. */
function withoutLeases(inventory: string): string {
  const written = parse(readFileSync(inventory, 'utf8')) as { hosts: Record<string, object> };
  const hosts = Object.entries(written.hosts).map(([name, host]) => [name, { ...host, machine: `${name}-looked-at` }]);
  const file = join(dirname(inventory), 'looked-at.yaml');
  writeFileSync(file, stringify({ ...written, hosts: Object.fromEntries(hosts) as unknown }));
  return file;
}
