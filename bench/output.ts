import { peakMemory } from './memory.js';
import type { Measure } from './measures.js';
import { alike, planOf, timeRun } from './runs.js';

const megabytes = 100;
const hosts = 10;

/** 100 MB of output a step on ten hosts at once: kept in full, in bounded memory. */
export const output: Measure = async ({ belay }, _rounds, print) => {
  const lines = (megabytes * 1_000_000) / 100;
  const line = 'x'.repeat(99);
  const step = {
    shell: 'yes "$LINE" | head -n "$LINES_WANTED"',
    environment: { LINE: line, LINES_WANTED: String(lines) },
    timeout: '10m',
  };
  const plan = await planOf(belay, alike(1, step), { hosts: `all_hosts:!all_hosts[${hosts}:]` });
  const { result, peak } = await peakMemory(async () => timeRun(belay, plan, 600));
  print('output-seconds', result);
  print('output-mb-a-second', (megabytes * hosts) / result);
  print('output-worker-mib', peak);
};
