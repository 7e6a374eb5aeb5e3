import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Ground } from './ground.js';
import { until, type Fault, type Scene } from './scene.js';

/** Power cuts, a killed sshd, full disks, and a cancel that races the end. */
export const hosts: readonly Fault[] = [
  ...['check', 'capture', 'do', 'verify', 'undo'].map((part): Fault => ({
    group: 'power cut',
    name: `power of a host cut in ${part}, and back`,
    pace: 0.5,
    ...(part === 'undo' ? { goal: 'undone' as const } : {}),
    strike: async (scene) => {
      await scene.begun(part);
      return powerCut(scene);
    },
  })),
  {
    group: 'power cut',
    name: 'power of a host cut in a do that nobody can prove, and back',
    pace: 0.5,
    strike: async (scene) => {
      await scene.begun('do', 'third');
      return powerCut(scene);
    },
  },
  ...['do', 'verify'].map((part): Fault => ({
    group: 'sshd killed',
    name: `every sshd of a host killed in ${part}, and back`,
    pace: 0.8,
    strike: async (scene) => {
      await scene.begun(part);
      return killSshd(scene);
    },
  })),
  {
    group: 'disk full',
    name: 'disks of the hosts full',
    strike: async (scene) => {
      await scene.begun('check');
      const { hosts: disk } = scene.ground.disks;
      const bytes = disk.fill();
      try {
        await until('a task fails for it', async () => diskFailures(scene), 60);
      } finally {
        disk.empty();
        scene.repaired();
      }
      return `${String(Math.round(bytes / 1024 / 1024))} MiB taken, then ENOSPC; a task was refused for it`;
    },
  },
  {
    group: 'disk full',
    name: 'disk of Postgres full',
    strike: async (scene) => {
      await scene.begun('do');
      const disk = scene.ground.disks.postgres;
      disk.fill();
      try {
        return `Postgres said: ${await writeInVain(scene.ground)}`;
      } finally {
        await sleep(2000);
        disk.empty();
        scene.repaired();
      }
    },
  },
  {
    group: 'disk full',
    name: 'disk of the worker, its supervisor and Temporal full',
    strike: async (scene) => {
      await scene.begun('do');
      const disk = scene.ground.disks.worker;
      const bytes = disk.fill();
      try {
        const said = logInVain(scene.ground);
        // The next worker comes up on the full disk, and Temporal has to write on it all the while.
        scene.ground.belay.stack.kill('worker', 'SIGKILL');
        await sleep(5000);
        return `${String(Math.round(bytes / 1024 / 1024))} MiB taken; where the worker logs: ${said}; it was killed, and came up`;
      } finally {
        disk.empty();
        scene.repaired();
      }
    },
  },
];

export const people: readonly Fault[] = ['first', 'second', 'settings', 'last'].map((step) => ({
  group: 'cancel racing the end',
  name: `cancel as ${step} ends`,
  ends: ['cancelled', 'succeeded'] as const,
  strike: async (scene: Scene) => {
    await (step === 'settings' ? scene.event('step-started', step) : scene.begun('verify', step));
    await sleep(scene.chance.next() * 300);
    await scene.say('cancel');
    return 'the word was acknowledged';
  },
}));

const bootIdOf = async ({ lab }: Ground): Promise<string> =>
  (await lab.exec('node1', ['cat', '/proc/sys/kernel/random/boot_id'])).stdout.trim();

async function powerCut(scene: Scene): Promise<string> {
  const before = await bootIdOf(scene.ground);
  await scene.ground.lab.powerCut('node1');
  await sleep(2000);
  await scene.ground.lab.powerOn('node1');
  scene.repaired();
  const after = await bootIdOf(scene.ground);
  if (after === before) throw new Error('it is still the same boot');
  return `boot ${before.slice(0, 8)} became ${after.slice(0, 8)}`;
}

async function killSshd(scene: Scene): Promise<string> {
  const { lab } = scene.ground;
  const sshd = async (): Promise<string[]> =>
    (await lab.exec('node1', ['pgrep', '-x', 'sshd'])).stdout.split('\n').filter(Boolean);
  const before = await sshd();
  await lab.exec('node1', ['pkill', '-KILL', '-x', 'sshd']);
  await sleep(1000);
  await lab.exec('node1', ['service', 'ssh', 'start']);
  await until('sshd is back', async () => (await sshd()).length > 0, 20);
  scene.repaired();
  const left = (await sshd()).filter((pid) => before.includes(pid));
  if (before.length === 0 || left.length > 0) throw new Error(`sshd ${left.join(', ')} lives on`);
  return `${String(before.length)} processes gone`;
}

async function diskFailures({ ground, run }: Scene): Promise<boolean> {
  return (await ground.belay.tasks(run)).some((task) => task.failure !== undefined);
}

/** What somebody hears who writes into the folder of the logs now. */
function logInVain({ belay }: Ground): string {
  const file = join(belay.data, 'log', 'in-vain');
  try {
    writeFileSync(file, Buffer.alloc(64 * 1024));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? '?';
  } finally {
    rmSync(file, { force: true });
  }
  throw new Error('the worker could still write');
}

/** What Postgres says to somebody who writes now. It may break down over it, which is a part of the fault. */
async function writeInVain({ belay }: Ground): Promise<string> {
  const client = new Client({ connectionString: belay.stack.databaseUrl });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(
      `create temporary table filler as select repeat(md5(n::text), 200) from generate_series(1, 200000) n`,
    );
  } catch (error) {
    const log = readFileSync(join(belay.data, 'log', 'postgres.log'), 'utf8');
    if (!log.includes('No space left on device')) throw error;
    return (error as Error).message;
  } finally {
    await client.end().catch(() => undefined);
  }
  throw new Error('Postgres could still write');
}
