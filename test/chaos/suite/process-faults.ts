import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ChildName } from '../../../apps/cli/up/stack.js';
import { pidOf, type Ground } from './ground.js';
import { until, type Fault, type Scene } from './scene.js';

/** A run does not need the API: it may end while that comes back. */
const mayEnd = (part: ChildName): Pick<Fault, 'mayEnd'> => (part === 'api' ? { mayEnd: true } : {});
const parts: readonly ChildName[] = ['worker', 'api', 'temporal', 'postgres'];
export const boundaries = ['first', 'second', 'third', 'settings', 'last'];

/** Every process killed as each step begins, and once the last one has ended. */
export const killsAtBoundaries: readonly Fault[] = parts.flatMap((part) => [
  ...boundaries.map((step): Fault => ({
    group: 'killed at a boundary',
    name: `${part} killed as ${step} begins`,
    ...mayEnd(part),
    strike: async (scene) => {
      await scene.event('step-started', step);
      return kill(scene, part);
    },
  })),
  {
    group: 'killed at a boundary',
    name: `${part} killed as last ends`,
    mayEnd: true,
    strike: async (scene) => {
      await scene.event('task-ended', 'last');
      return kill(scene, part);
    },
  },
]);

/** Every process killed at instants that chance chooses. */
export const killsAtRandom: readonly Fault[] = Array.from({ length: 25 }, (_, index) =>
  parts.map((part): Fault => ({
    group: 'killed at random',
    name: `${part} killed at a random instant (${String(index + 1)})`,
    ...mayEnd(part),
    strike: async (scene) => {
      // Counted from a step, for how fast a run is depends on the machine; the delay reaches into the next step.
      await scene.event('step-started', scene.chance.pick(boundaries.slice(0, -1)));
      await sleep(scene.chance.next() * 800);
      const { state } = await scene.ground.belay.run(scene.run);
      if (state !== 'running') throw new Error(`it would have struck when the run was ${state}`);
      return kill(scene, part);
    },
  })),
).flat();

/** Every process killed while the run goes back. */
export const killsInUndo: readonly Fault[] = parts.map((part) => ({
  group: 'killed while it goes back',
  name: `${part} killed in mid-undo`,
  goal: 'undone' as const,
  ...mayEnd(part),
  strike: async (scene: Scene) => {
    await scene.begun('undo', 'second');
    return kill(scene, part);
  },
}));

/** The process is gone and another one is in its place. */
export async function kill(scene: Scene, part: ChildName, signal: NodeJS.Signals = 'SIGKILL'): Promise<string> {
  const { ground } = scene;
  await until(`${part} is there`, () => pidOf(ground, part) !== undefined);
  const before = pidOf(ground, part);
  ground.belay.stack.kill(part, signal);
  await until(`${part} is another process`, () => ![before, undefined].includes(pidOf(ground, part)), 90);
  scene.repaired();
  return `process ${String(before)} gone by ${signal}, ${String(pidOf(ground, part))} in its place`;
}

/** Postgres and Temporal gone for a while, and Temporal there but frozen. */
export const absences: readonly Fault[] = [
  {
    group: 'away',
    name: 'Postgres stopped immediately, and away',
    strike: async (scene) => {
      await scene.begun('do', 'second');
      return stayAway(scene, 'postgres', 'SIGQUIT');
    },
  },
  {
    group: 'away',
    name: 'Temporal away',
    strike: async (scene) => {
      await scene.begun('do', 'second');
      return stayAway(scene, 'temporal', 'SIGKILL', 5 * scene.away);
    },
  },
  {
    group: 'away',
    name: 'Temporal frozen',
    strike: async (scene) => {
      await scene.begun('do', 'second');
      const pid = await frozen(scene.ground, 'temporal');
      await sleep(scene.away * 1000);
      process.kill(pid, 'SIGCONT');
      scene.repaired();
      return `process ${String(pid)} stopped for ${String(scene.away)} s`;
    },
  },
];

/** Whoever takes a port first has it: the part cannot come back before we leave. */
export async function stayAway(
  scene: Scene,
  part: 'postgres' | 'temporal',
  signal: NodeJS.Signals,
  seconds = scene.away,
): Promise<string> {
  const { ground } = scene;
  const port = portOf(ground, part);
  const before = pidOf(ground, part);
  ground.belay.stack.kill(part, signal);
  let calls = 0;
  const squatter = createServer((socket) => (calls++, socket.destroy()));
  await until(`port ${String(port)} is free`, async () => listens(squatter, port), 10);
  await sleep(seconds * 1000);
  await new Promise((resolve) => squatter.close(resolve));
  await until(`${part} is another process`, () => ![before, undefined].includes(pidOf(ground, part)), 90);
  scene.repaired();
  if (calls === 0) throw new Error(`nobody asked for ${part} while it was away`);
  return `process ${String(before)} gone by ${signal} for ${String(seconds)} s; ${String(calls)} calls in vain`;
}

async function listens(server: ReturnType<typeof createServer>, port: number): Promise<boolean> {
  server.listen(port, '127.0.0.1');
  return Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(
      () => false,
      () => false,
    ),
  ]).catch(() => false);
}

function portOf(ground: Ground, part: 'postgres' | 'temporal'): number {
  return (JSON.parse(readFileSync(join(ground.belay.data, 'ports.json'), 'utf8')) as Record<string, number>)[part]!;
}

/** Stops a process, and makes sure that it has stopped. */
export async function frozen(ground: Ground, part: ChildName): Promise<number> {
  const pid = pidOf(ground, part);
  if (pid === undefined) throw new Error(`${part} does not run`);
  process.kill(pid, 'SIGSTOP');
  await until(`${part} has stopped`, () => / T /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8')), 5);
  return pid;
}

/** Another worker beside the supervised one, with the same environment. */
export async function secondWorker(ground: Ground): Promise<{ stop(): Promise<void> }> {
  const pid = pidOf(ground, 'worker');
  const environment = Object.fromEntries(
    readFileSync(`/proc/${String(pid)}/environ`, 'utf8')
      .split('\0')
      .filter((entry) => entry.includes('=') && !entry.startsWith('NODE_CHANNEL'))
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  const child = spawn(process.execPath, [join(ground.installed.folder, 'build/apps/worker/main.js')], {
    env: environment,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error('the second worker has ended'))),
  ]);
  return {
    stop: async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
