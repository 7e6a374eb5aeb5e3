import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEvent } from '../../../model/record.js';
import { finalStates, type RunState } from '../../../model/states.js';
import { eventsAfter, sceneOf, startAnother, until, type Fault, type Scene } from './scene.js';

/** A cancel that races the end of a step; of the last one, the end of the run. */
export const cancels: readonly Fault[] = ['first', 'second', 'settings', 'last'].map((step) => ({
  group: 'cancel racing the end',
  name: `cancel as ${step} ends`,
  // What follows a step that is not the last one must not be done once the word is taken.
  ends: step === 'last' ? (['cancelled', 'succeeded'] as const) : (['cancelled'] as const),
  mayEnd: true,
  strike: async (scene: Scene) => (step === 'last' ? bothOrders(scene) : oneOrder(scene, step)),
}));

async function oneOrder(scene: Scene, step: string): Promise<string> {
  await (step === 'settings' ? scene.event('step-started', step) : scene.begun('verify', step));
  const { because } = await cancelled(scene, Math.floor(scene.chance.next() * 300));
  const tasks = (await scene.ground.belay.tasks(scene.run)).filter((task) => task.step === step);
  const ended = tasks.filter((task) => task.state === 'changed').length;
  return `${because}; ${step} had ended on ${String(ended)} of ${String(tasks.length)} hosts`;
}

/** Runs that are tried at most until both orders were seen. Each delay is twice the last one, or half of what was too late. */
const tries = 10;

/** Lets the cancel win and the end win, on one run after another. */
async function bothOrders(scene: Scene): Promise<string> {
  const seen: string[] = [];
  const orders = new Set<RunState>();
  let delay = Math.floor(scene.chance.next() * 300);
  for (let count = 1; count <= tries; count += 1) {
    const one = count === 1 ? scene : await another(scene, count);
    await one.begun('verify', 'last');
    const { state, because } = await cancelled(one, delay);
    seen.push(`${state} ${String(delay)} ms after the last verify began (${because})`);
    if (orders.add(state).size === 2) return seen.join('; ');
    delay = state === 'cancelled' ? Math.max(2 * delay, 100) : Math.floor(delay / 2);
  }
  throw new Error(`only one order was seen: ${seen.join('; ')}`);
}

/** The same on a further run. */
async function another(scene: Scene, count: number): Promise<Scene> {
  const run = await startAnother(scene, String(count));
  return sceneOf({ ...scene, run }, () => undefined);
}

/**
 * Says the word after so many milliseconds, and waits for the end and for what became of the word.
 *
 * @throws Error where one says otherwise than the other
 */
async function cancelled(scene: Scene, delay: number): Promise<{ state: RunState; because: string }> {
  const { ground, run } = scene;
  await sleep(delay);
  await scene.say('cancel');
  scene.repaired();
  let state = 'running' as RunState;
  await until('the run has ended', async () => finalStates.includes((state = (await ground.belay.run(run)).state)));
  let settled: RunEvent['data'] | undefined;
  await until('it is said what became of the word', async () => {
    settled = (await eventsAfter(ground, run, 0)).find(({ kind }) => kind === 'verb-settled')?.data;
    return settled !== undefined;
  });
  const { accepted, because } = settled!;
  if (state !== (accepted === true ? 'cancelled' : 'succeeded'))
    throw new Error(`it is ${state}, but the word was ${accepted === true ? 'obeyed' : 'refused'}: ${String(because)}`);
  return { state, because: String(because) };
}
