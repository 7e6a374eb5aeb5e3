import { setTimeout as sleep } from 'node:timers/promises';
import type { RunAnswer } from '../../../model/answers.js';
import { beforeOf } from './armed.js';
import type { Place } from './rows.js';
import { keep } from './state.js';
import { arm, goBack, halt, passedOver, said, stuck, where, whichFailed, type Seen, type Walk } from './walk.js';

/**
 * As `failThrough`, for a phase of many steps: each of them fails from where it begins itself, and goes back alone.
 */
export async function failOneByOne(walk: Walk, places: readonly Place[], tell: (seen: Seen) => void): Promise<void> {
  const { belay, lab, manager, plan, run } = walk;
  let verb: 'resume' | undefined;
  for (const [index, place] of places.entries()) {
    if (walk.enough()) break;
    const { host, phase, step } = place;
    await arm(lab, host, [beforeOf(step)]);
    if (verb) await belay.say(run, verb);
    await mustFail(walk, beforeOf(step), host, await halt(walk, phase + 1));
    const kept = await keep(lab, manager, 'before-the-step');
    const next = places[index + 1];
    await arm(lab, host, [step, ...(next?.host === host ? [beforeOf(next.step)] : [])]);
    if (next && next.host !== host) await arm(lab, next.host, [beforeOf(next.step)]);
    await belay.say(run, 'retry');
    await goneOn(walk, beforeOf(step), host);
    const now = await halt(walk, phase + 1);
    const tasks = await belay.tasks(run);
    const { failed } = whichFailed([place], tasks);
    if (failed) {
      const verify = await walk.verify();
      tell({ ...where(plan, place), said: said(failed.task, now), verify, ...(await goBack(walk, step, kept)) });
    } else tell(passedOver(plan, place, tasks));
    // Where it had nothing to do, the run stands before the next one already.
    verb = failed && 'resume';
    await arm(lab, host, []);
  }
  if (verb) await belay.say(run, verb);
}

async function mustFail(walk: Walk, step: string, host: string, now: RunAnswer): Promise<void> {
  const tasks = await walk.belay.tasks(walk.run);
  if (!tasks.some((one) => one.step === step && one.host === host && one.failure))
    throw new Error(await stuck(walk, now));
}

/** Waits until a task that failed has been done: before that, the run stands as it did. */
async function goneOn({ belay, run }: Walk, step: string, host: string): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(200)) {
    const task = (await belay.tasks(run)).find((one) => one.step === step && one.host === host);
    if (task?.state === 'ok') return;
  }
  throw new Error(`${step} on ${host} has not been tried again`);
}
