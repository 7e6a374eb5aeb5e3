import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { say, until, type Fault, type Scene } from './scene.js';
import { changing, directoryValue } from './directory-faults.js';
import { frozen, secondWorker } from './process-faults.js';

/** Seconds within which another worker must have gone on. */
const patience = 60;

/** A worker that freezes past its heartbeat, is displaced by another one, and wakes as a stale holder. */
export const stale: readonly Fault[] = [
  {
    group: 'stale holder',
    name: 'worker frozen in mid-do, woken while another one acts',
    strike: async (scene) => {
      await scene.begun('do');
      return displaced(scene, async () => scene.begun('do', 'second', 'node1', patience));
    },
  },
  {
    group: 'stale holder',
    name: 'worker frozen before a do, woken when the run is over',
    strike: async (scene) => {
      await scene.begun('capture');
      return displaced(scene, async () => over(scene, 'succeeded'));
    },
  },
  {
    group: 'stale holder',
    name: 'worker frozen with a change for the directory under way, woken after its undo',
    ends: ['undone'],
    strike: async (scene) => {
      const { ground, run } = scene;
      await scene.event('task-ended', 'second');
      const bytes = 700 + Math.floor(scene.chance.next() * 1300);
      ground.ldapWire.strike({ fault: 'hold', bytes, coming: changing });
      await until('a request to the directory is held', () => ground.ldapWire.struck() > 0);
      let old = '';
      const proof = await displaced(scene, async () => {
        await over(scene, 'succeeded');
        await say(ground, run, 'undo');
        await over(scene, 'undone');
        old = await directoryValue(ground);
      }).catch((error: unknown) => {
        throw new Error(`${String(error)}; its request was held after ${String(bytes)} bytes`);
      });
      ground.ldapWire.heal();
      await sleep(2000);
      if ((await directoryValue(ground)) !== old) throw new Error('the stale holder has changed the directory');
      return `${proof}; its request came late and changed nothing`;
    },
  },
];

/** A do that lasts until the second one has the task, too. */
export const shared: readonly Fault[] = [
  {
    group: 'stale holder',
    name: 'two workers given the same task, both awake',
    pace: 12,
    strike: async (scene) => {
      await scene.begun('do');
      // Told by the second one as it begins: from here on both follow one and the same attempt.
      return displaced(scene, async () => scene.event('trying-again', 'first'), 'a task was given to it');
    },
  },
];

/** Two workers that both look after one task. */
async function displaced(
  scene: Scene,
  meanwhile: () => Promise<void>,
  what = 'another worker had taken over',
): Promise<string> {
  const pid = await frozen(scene.ground, 'worker');
  const other = await secondWorker(scene.ground);
  // A worker is there that could do everything.
  scene.repaired();
  try {
    await meanwhile();
    process.kill(pid, 'SIGCONT');
    await over(scene);
    // The stale one is given time to do harm.
    await sleep(1500);
    if (!/ [RS] /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))) throw new Error('it did not wake');
    return `process ${String(pid)} stopped until ${what}, then woken`;
  } finally {
    process.kill(pid, 'SIGCONT');
    await other.stop();
  }
}

async function over({ ground, run }: Scene, state?: string): Promise<void> {
  const ends = state === undefined ? ['succeeded', 'undone'] : [state];
  await until(`the run is ${ends.join(' or ')}`, async () => ends.includes((await ground.belay.run(run)).state), 180);
}
