import { setTimeout as sleep } from 'node:timers/promises';
import type { Strike } from './wire.js';
import type { Fault, Scene } from './scene.js';

interface Cut extends Pick<Strike, 'fault'> {
  readonly seconds: number;
  /** Bytes that get through at most. */
  readonly most?: number;
  /** The parts of a task in which it strikes; each where absent. */
  readonly parts?: readonly string[];
}

const cuts: readonly Cut[] = [
  { fault: 'drop', seconds: 5 },
  { fault: 'reset', seconds: 0 },
  { fault: 'half-close', seconds: 1 },
  { fault: 'trickle', seconds: 4 },
  { fault: 'cut after', seconds: 8 },
  // Somewhere in what the next part of the same task is sent, its secret included; after the others nothing may follow.
  { fault: 'cut before', seconds: 8, most: 2400, parts: ['check', 'capture', 'do'] },
];

/** The connection between worker and host fails, in each way, in each part of a task. */
export const wires: readonly Fault[] = ['check', 'capture', 'do', 'verify', 'undo'].flatMap((part) =>
  cuts
    .filter(({ parts = [part] }) => parts.includes(part))
    .map(({ fault, seconds, most = 400 }): Fault => ({
      group: 'wire to a host',
      name: `${fault} in ${part}`,
      pace: 0.8,
      hosts: ['node1'],
      // A wire that trickles carries the end of the last task of all, slow as it is.
      mayEnd: fault === 'trickle' && part === 'undo',
      ...(part === 'undo' ? { goal: 'undone' as const } : {}),
      strike: async (scene) => {
        await scene.begun(part);
        return struck(scene, { fault, bytes: Math.floor(scene.chance.next() * most) }, seconds);
      },
    })),
);

async function struck(scene: Scene, strike: Strike, seconds: number): Promise<string> {
  const wire = scene.ground.wires['node1']!;
  wire.strike(strike);
  const deadline = performance.now() + seconds * 1000;
  const isCut = strike.fault.startsWith('cut');
  while (performance.now() < deadline && !(isCut && wire.struck() > 0)) await sleep(10);
  const hit = wire.struck();
  wire.heal();
  scene.repaired();
  if (hit === 0) throw new Error('no connection was there to be struck');
  return `${String(hit)} connections struck${isCut ? ` after ${String(strike.bytes)} bytes` : ''}`;
}
