import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { stringify } from 'yaml';
import { keySecret } from '../lab/inventory.js';
import { median } from './figures.js';
import { peakMemory } from './memory.js';
import type { Measure } from './measures.js';
import type { Place } from './place.js';
import { alike, planOf, timeRun } from './runs.js';

const names = 1000;
const steps = 40;

/**
 * 1,000 hosts × 40 steps from one machine. The hosts are many names of the lab's machines, declared as such; each
 * name has a connection, a runner and a journal of its own. The cost of a step on a host is compared with that of 20:
 * of 20 names that are new, too, so that both sides open their connections while the clock runs (`scale-cost-ratio`), and of
 * 20 to which connections are open already (`scale-cost-ratio-to-open-connections`).
 */
export const scale: Measure = async (place, rounds, print) => {
  const { belay, destinations } = place;
  const few = destinations.length;
  const open = await planNamed(place, 'open', few);
  await timeRun(belay, open);
  const [toNew, toOpen]: [number[], number[]] = [[], []];
  for (let round = 1; round <= rounds; round += 1) {
    toNew.push(await timeRun(belay, await planNamed(place, `new-${round}`, few)));
    toOpen.push(await timeRun(belay, open));
  }
  const many = await planNamed(place, 'many', names);
  const { result, peak } = await peakMemory(async () => timeRun(belay, many, 3600));
  const cost = (seconds: number, hosts: number): number => (seconds / (hosts * steps)) * 1000;
  print('scale-seconds', result);
  print('scale-milliseconds-a-task', cost(result, names));
  print('scale-cost-ratio', cost(result, names) / cost(median(toNew), few));
  print('scale-cost-ratio-to-open-connections', cost(result, names) / cost(median(toOpen), few));
  print('scale-worker-mib', peak);
  print('scale-longest-history-events', await longestHistory(belay.stack.temporalAddress));
};

/** Plans the 40 steps for so many names of the lab's machines, which no run has reached by these names before. */
async function planNamed(place: Place, prefix: string, count: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  try {
    const inventory = join(folder, 'inventory.yaml');
    writeFileSync(inventory, inventoryOf(place, prefix, count));
    return await planOf(place.belay, alike(steps, { command: ['/bin/true'] }), { inventory });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function inventoryOf({ destinations }: Place, prefix: string, count: number): string {
  const entries = Array.from({ length: count }, (_, index) => {
    const on = destinations[index % destinations.length];
    if (!on) throw new Error('there is no host');
    const { address, port, user, hostKeys } = on;
    const host = { address, port, user, host_keys: hostKeys, machine: on.host, key: { secret: keySecret } };
    return [`${prefix}-${String(index + 1).padStart(4, '0')}`, host] as const;
  });
  const all = entries.map(([name]) => name);
  return stringify(
    { hosts: Object.fromEntries(entries), groups: { all_hosts: all } },
    { aliasDuplicateObjects: false },
  );
}

/** Events of the longest history of any workflow that this Belay has run. */
async function longestHistory(address: string): Promise<number> {
  const connection = await Connection.connect({ address });
  try {
    let longest = 0;
    for await (const one of new Client({ connection }).workflow.list()) longest = Math.max(longest, one.historyLength);
    return longest;
  } finally {
    await connection.close();
  }
}
