import { setTimeout as sleep } from 'node:timers/promises';
import type { LivePlanAnswer, LivePlanBegun } from '../../model/answers.js';
import type { ApiClient } from './api-client.js';
import { exitCodes } from './exit-codes.js';
import { structured, type Format } from './formats.js';
import { Stop } from './stop.js';
import { visible } from './visible.js';
import { say, type World } from './world.js';

/**
 * Has the worker look at the hosts of a plan, and waits until it has.
 *
 * @throws Stop where the looking failed
 */
export async function makeLivePlan(client: ApiClient, plan: string): Promise<LivePlanAnswer> {
  const { live } = await client.post<LivePlanBegun>(`/v1/plans/${plan}/live`, undefined);
  for (let pause = 200; ; pause = Math.min(pause * 1.5, 2_000)) {
    const now = await client.get<LivePlanAnswer>(`/v1/live-plans/${live}`);
    if (now.state === 'done') return now;
    if (now.state === 'failed') throw new Stop(`the live plan ${live} was not finished; see the worker's log`);
    await sleep(pause);
  }
}

/** Prints a live plan; ends with the code of unreachable hosts where one did not answer. */
export function sayLive(world: World, live: LivePlanAnswer, format: Format): void {
  const next = `start it so with: belay run start --plan ${live.planHash} --live-plan ${live.hash ?? ''}`;
  say(world, format === 'table' ? `${visible(live.shown)}${next}` : structured(live, format));
  if (live.looks.some(({ state }) => state === 'unreachable')) world.exitWith(exitCodes.unreachable);
}
