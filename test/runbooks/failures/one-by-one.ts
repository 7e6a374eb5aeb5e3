import { beforeOf } from './armed.js';
import type { Place } from './rows.js';
import type { Stretch } from './stretches.js';
import { arm, failThrough, goForward, gonePast, halt, stuck, type Seen, type Walk } from './walk.js';

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
    if (index > 0) await goForward(walk, before.phase);
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
