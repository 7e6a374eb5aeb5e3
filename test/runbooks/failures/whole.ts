import { wholeRun } from './rows.js';
import { goTo, stuck, type Seen, type Walk } from './walk.js';
import { otherwise, type Kept } from './state.js';

/**
 * Lets the run that has gone through its failures come to its end, and takes it back whole.
 *
 * @param kept - how the cluster was before the run
 */
export async function endWhole(walk: Walk, kept: Kept): Promise<Seen> {
  const { belay, lab, manager, plan, run } = walk;
  const ended = await goTo(walk, plan.phases.length);
  const there = await walk.verify();
  await belay.say(run, 'undo');
  const back = await belay.until(run, ['undone', 'undo_incomplete', 'waiting'], 1200);
  if (back.state === 'waiting') throw new Error(await stuck(walk, back));
  const [left, other] = [await leftBehind(walk), await otherwise(lab, manager, kept)];
  const again = await walk.verify();
  const declared = plan.phases.flatMap(({ steps }) => steps).filter(({ undo }) => undo.how === 'none');
  return {
    ...wholeRun,
    host: 'all',
    said: ended.state,
    verify: there,
    back: [
      `${back.state}${left.length > 0 ? ` (left: ${left.join(', ')})` : ''}`,
      ...(other.length > 0 ? other : ['as before']),
      `verify: ${again}`,
    ].join('; '),
    held:
      ended.state === 'succeeded' && other.length === 0 && left.every((step) => declared.some(({ id }) => id === step)),
  };
}

/** The steps whose effects an undo has left; what goes back with another step is left until that one is undone. */
async function leftBehind({ belay, run }: Walk): Promise<string[]> {
  const undone = (await belay.events(run)).filter(({ kind }) => kind === 'task-undone');
  const last = new Map(undone.map(({ data }) => [`${String(data['step'])}@${String(data['host'])}`, data]));
  const left = [...last.values()].filter(({ outcome }) => outcome === 'left');
  return [...new Set(left.map(({ step }) => String(step)))].sort();
}
