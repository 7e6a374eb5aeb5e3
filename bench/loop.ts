import { bareLoop, closeAll, openAll } from './bare-loop.js';
import { inTurn, median, seconds } from './figures.js';
import type { Measure } from './measures.js';
import { processorTime, usedSince } from './processor-time.js';
import { alike, planOf, timeRun } from './runs.js';

const steps = 40;

/**
 * 20 hosts × 40 × `/bin/true`: a durable run with every protection on (intents, claims, journal, holders, events)
 * against a bare loop of SSH commands. Connections are open on both sides before the clock starts.
 */
export const loop: Measure = async ({ belay, destinations }, rounds, print) => {
  const plan = await planOf(belay, alike(steps, { command: ['/bin/true'] }));
  const clients = await openAll(destinations);
  const used: Readonly<Record<string, number>>[] = [];
  try {
    const { a, b, ratio } = await inTurn(
      rounds,
      async () => {
        const before = processorTime();
        const took = await timeRun(belay, plan);
        used.push(usedSince(before));
        return took;
      },
      async () => seconds(async () => bareLoop(clients, steps, '/bin/true')),
    );
    print('run-seconds', a);
    print('bare-loop-seconds', b);
    print('ratio-to-bare-loop', ratio);
    print('milliseconds-a-step', (a / steps) * 1000);
    // The first run, which opens the connections, counts here as little as there.
    for (const who of Object.keys(used.at(-1) ?? {}).sort())
      print(`processor-seconds-${who}`, median(used.slice(1).map((one) => one[who] ?? 0)));
  } finally {
    closeAll(clients);
  }
};
