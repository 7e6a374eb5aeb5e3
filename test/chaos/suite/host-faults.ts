import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodes, type Ground } from './ground.js';
import { eventsAfter, until, type Fault, type Scene } from './scene.js';

/** Power cuts, a killed sshd, and full disks. */
export const hosts: readonly Fault[] = [
  ...['check', 'capture', 'do', 'verify', 'undo'].map((part): Fault => ({
    group: 'power cut',
    name: `power of a host cut in ${part}, and back`,
    pace: 0.5,
    hosts: ['node1'],
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
    hosts: ['node1'],
    strike: async (scene) => {
      await scene.begun('do', 'third');
      return powerCut(scene);
    },
  },
  ...['do', 'verify'].map((part): Fault => ({
    group: 'sshd killed',
    name: `every sshd of a host killed in ${part}, and back`,
    pace: 0.8,
    hosts: ['node1'],
    strike: async (scene) => {
      await scene.begun(part);
      return killSshd(scene);
    },
  })),
  {
    group: 'disk full',
    name: 'disks of the hosts full',
    hosts: nodes,
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
    // Pages that are there already have room for what a run writes of itself.
    talks: 40,
    strike: async (scene) => {
      await scene.begun('do');
      const disk = scene.ground.disks.postgres;
      const log = workerLog(scene.ground);
      disk.fill();
      try {
        await until(
          'the worker hears of it',
          async () => log().includes(noSpace) || (await fullDisk(scene)) !== undefined,
        );
      } finally {
        disk.empty();
        scene.repaired();
      }
      await until('the run says so', async () => (await fullDisk(scene)) !== undefined);
      return `trying again because: ${String(await fullDisk(scene))}`;
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

const noSpace = 'No space left on device';

/** What the run says of a disk that is full: that it tries again, and because of what. */
async function fullDisk({ ground, run }: Scene): Promise<string | undefined> {
  const events = await eventsAfter(ground, run, 0).catch(() => []);
  const reasons = events.filter(({ kind }) => kind === 'trying-again').map(({ data }) => String(data['because']));
  return reasons.find((because) => because.includes(noSpace));
}

/** @returns what the worker logs from now on */
function workerLog({ belay }: Ground): () => string {
  const file = join(belay.data, 'log', 'worker.log');
  const { size } = statSync(file);
  return () => readFileSync(file).subarray(size).toString('utf8');
}
