import { setTimeout as sleep } from 'node:timers/promises';
import type { Strike } from './wire.js';
import type { Fault, Scene } from './scene.js';

const cuts: readonly (Strike & { readonly seconds: number })[] = [
  { fault: 'drop', seconds: 5 },
  { fault: 'reset', seconds: 0 },
  { fault: 'half-close', seconds: 1 },
  { fault: 'trickle', seconds: 4 },
  { fault: 'cut after', seconds: 8 },
];

/** The connection between worker and host fails, in each way, in each part of a task. */
export const wires: readonly Fault[] = ['check', 'capture', 'do', 'verify', 'undo'].flatMap((part) =>
  cuts.map(({ fault, seconds }): Fault => ({
    group: 'wire to a host',
    name: `${fault} in ${part}`,
    pace: 0.8,
    ...(part === 'undo' ? { goal: 'undone' as const } : {}),
    strike: async (scene) => {
      await scene.begun(part);
      return struck(scene, { fault, bytes: Math.floor(scene.chance.next() * 400) }, seconds);
    },
  })),
);

async function struck(scene: Scene, strike: Strike, seconds: number): Promise<string> {
  const wire = scene.ground.wires['node1']!;
  wire.strike(strike);
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline && !(strike.fault === 'cut after' && wire.struck() > 0)) await sleep(10);
  const hit = wire.struck();
  wire.heal();
  scene.repaired();
  if (hit === 0) throw new Error('no connection was there to be struck');
  return `${String(hit)} connections struck${strike.fault === 'cut after' ? ` after ${String(strike.bytes)} bytes` : ''}`;
}
