import type { Belay } from '../../end-to-end/belay.js';
import { nameOf } from '../sabotage.js';
import { small } from '../gluu-world.js';

/** The most checks that are named in a row of a table. */
const named = 8;

/** Asks gluu/verify of a cluster that another run is working on. */
export type Onlooker = () => Promise<string>;

/**
 * @param inventory - which nodes are to be a cluster
 * @param asked - what else is asked of gluu/verify than of every cluster of the lab
 */
export function onlooker(belay: Belay, inventory: string, asked: Readonly<Record<string, unknown>>): Onlooker {
  const inputs = { ...small, disk: '100MiB', ...asked };
  const now = performance.now.bind(performance);
  return async () => {
    const began = now();
    const { hash } = await belay.plan('runbooks/gluu/verify.yaml', inputs, inventory);
    const run = await belay.start(hash);
    const { state } = await belay.until(run, ['failed', 'succeeded'], 400);
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
