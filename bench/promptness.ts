import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'ssh2';
import type { Belay } from '../test/end-to-end/belay.js';
import { closeAll, openAll } from './bare-loop.js';
import { inTurn, median, seconds } from './figures.js';
import type { Measure } from './measures.js';
import { alike, planOf } from './runs.js';

/** Lines that say when they were written, in nanoseconds since 1970, by the clock that all hosts of a lab share. */
const stamps = 'for line in 1 2 3 4 5 6 7 8; do date +%s%N; sleep 0.7; done';

/** How long after a host has written a line it can be read: through Belay's API, and by a bare channel. */
export const live: Measure = async ({ belay, destinations }, rounds, print) => {
  const first = destinations[0];
  if (!first) throw new Error('there is no host');
  const plan = await planOf(belay, alike(1, { shell: stamps }), { hosts: first.host });
  const [client] = await openAll([first]);
  if (!client) throw new Error('there is no connection');
  try {
    const bare = async (): Promise<number> => {
      const lags: number[] = [];
      await execute(client, stamps, (text) => lags.push(...lagsOf(text)));
      return median(lags);
    };
    const { a, b } = await inTurn(rounds, async () => lagOfRun(belay, plan, first.host), bare);
    print('live-output-seconds', a);
    print('bare-output-seconds', b);
  } finally {
    closeAll([client]);
  }
};

/** From the word to cancel until nothing of the step runs on any of 20 hosts, against bare kills on open connections. */
export const cancel: Measure = async ({ belay, destinations }, rounds, print) => {
  const plan = await planOf(belay, alike(1, { command: ['sleep', '600'] }));
  const clients = await openAll(destinations);
  try {
    const bare = async (): Promise<number> => {
      const ended = clients.map(async (client) => execute(client, 'echo $$ >/run/bench; exec sleep 600'));
      await sleep(1000);
      return seconds(async () => {
        await Promise.all(clients.map(async (client) => execute(client, 'kill "$(cat /run/bench)"')));
        await Promise.all(ended);
      });
    };
    const { a, b, ratio } = await inTurn(rounds, async () => cancelled(belay, plan, clients.length), bare);
    print('cancel-seconds', a);
    print('bare-kill-seconds', b);
    print('ratio-to-bare-kill', ratio);
  } finally {
    closeAll(clients);
  }
};

async function lagOfRun(belay: Belay, plan: string, host: string): Promise<number> {
  const run = await belay.start(plan);
  const lags: number[] = [];
  let read = 0;
  for (;;) {
    const { state } = await belay.run(run);
    const output = (await belay.output(run, 's1', host)).toString();
    const whole = output.slice(0, output.lastIndexOf('\n') + 1);
    lags.push(...lagsOf(whole.slice(read)));
    read = whole.length;
    if (state === 'succeeded') return median(lags);
    if (state !== 'planned' && state !== 'running') throw new Error(`the run ${run} is ${state}`);
    await sleep(20);
  }
}

/** Seconds since each line was written. */
function lagsOf(text: string): number[] {
  const now = Date.now();
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => Math.max(0, (now - Number(BigInt(line) / 1_000_000n)) / 1000));
}

async function cancelled(belay: Belay, plan: string, hosts: number): Promise<number> {
  const run = await belay.start(plan);
  while ((await belay.tasks(run)).filter(({ state }) => state === 'running').length < hosts) await sleep(100);
  // What runs has surely begun by now.
  await sleep(1000);
  const began = Date.now();
  await belay.say(run, 'cancel');
  await belay.until(run, ['cancelled'], 60);
  return (Date.parse((await belay.run(run)).endedAt ?? '') - began) / 1000;
}

async function execute(client: Client, command: string, told: (text: string) => void = () => undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      channel.on('data', (bytes: Buffer) => told(bytes.toString()));
      channel.stderr.resume();
      channel.on('close', () => resolve());
    });
  });
}
