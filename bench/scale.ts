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
 * name has a connection, a runner and a journal of its own. The cost of a step on a host is compared with that of 20.
 */
export const scale: Measure = async (place, rounds, print) => {
  const { belay, destinations } = place;
  const few = await planOf(belay, alike(steps, { command: ['/bin/true'] }));
  await timeRun(belay, few);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) times.push(await timeRun(belay, few));
  const small = median(times) / (destinations.length * steps);
  const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  try {
    const inventory = join(folder, 'inventory.yaml');
    writeFileSync(inventory, manyNames(place));
    const many = await planOf(belay, alike(steps, { command: ['/bin/true'] }), { inventory });
    const { result, peak } = await peakMemory(async () => timeRun(belay, many, 3600));
    print('scale-seconds', result);
    print('scale-milliseconds-a-task', (result / (names * steps)) * 1000);
    print('scale-cost-ratio', result / (names * steps) / small);
    print('scale-worker-mib', peak);
    print('scale-longest-history-events', await longestHistory(belay.stack.temporalAddress));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

function manyNames({ destinations }: Place): string {
  const entries = Array.from({ length: names }, (_, index) => {
    const on = destinations[index % destinations.length];
    if (!on) throw new Error('there is no host');
    const { address, port, user, hostKeys } = on;
    const host = { address, port, user, host_keys: hostKeys, machine: on.host, key: { secret: keySecret } };
    return [`n${String(index + 1).padStart(4, '0')}`, host] as const;
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
