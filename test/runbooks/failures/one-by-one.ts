import { setTimeout as sleep } from 'node:timers/promises';
import { beforeOf } from './armed.js';
import type { Place } from './rows.js';
import type { Stretch } from './stretches.js';
import { arm, failThrough, halt, stuck, type Seen, type Walk } from './walk.js';

/** Has the steps of a long phase fail: the run stands still before each stretch, and goes back to there alone. */
export async function failOneByOne(
  walk: Walk,
  stretches: readonly Stretch[],
  tell: (seen: Seen) => void,
): Promise<void> {
  const { belay, lab, run } = walk;
  for (const [index, stretch] of stretches.entries()) {
    if (walk.enough()) break;
    const before = beginningOf(stretch);
    const next = stretches[index + 1];
    await arm(lab, [before]);
    if (index > 0) await belay.say(run, 'resume');
    await standBefore(walk, before);
    const begin = async (): Promise<void> => {
      await belay.say(run, 'retry');
      await gonePast(walk, before);
    };
    await failThrough(walk, stretch, tell, next ? { begin, beyond: beginningOf(next) } : { begin });
  }
}

/** Where the run can be made to stand still before a stretch. */
function beginningOf({ start, places }: Stretch): Place {
  const { phase, host } = places[0] ?? { phase: 0, host: '' };
  return { phase, host, step: beforeOf(start) };
}

async function standBefore(walk: Walk, { phase, step, host }: Place): Promise<void> {
  const now = await halt(walk, phase + 1);
  const tasks = await walk.belay.tasks(walk.run);
  if (!tasks.some((one) => one.step === step && one.host === host && one.failure))
    throw new Error(await stuck(walk, now));
}

/** Waits until a task that failed has been done: before that, the run stands as it did. */
async function gonePast({ belay, run }: Walk, { step, host }: Place): Promise<void> {
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(200)) {
    const task = (await belay.tasks(run)).find((one) => one.step === step && one.host === host);
    if (task?.state === 'ok') return;
  }
  throw new Error(`${step} on ${host} has not been tried again`);
}
