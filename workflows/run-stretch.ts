import type { Standing } from '../model/record.js';
import type { DueStep } from '../model/task/stretch.js';
import { atKeeper } from './keeper.js';
import type { PhaseArgument } from './messages.js';
import { actingOn, hosts } from './reach.js';
import { runStep, type Wave } from './run-step.js';

/**
 * Steps that are due on the same hosts, one right behind the other in one activity. It comes back at the first step
 * that did not end well everywhere, and as soon as somebody has a word with the run; what follows is decided here.
 *
 * @param held - true once the wave was asked to stop; then no further round begins
 * @returns how many steps are through, and how the last of them ended where it did not end well
 */
export async function runStretch(
  where: PhaseArgument,
  wave: Wave,
  due: readonly DueStep[],
  held: () => boolean,
): Promise<{ readonly steps: number; readonly failed: readonly Standing[] }> {
  const request = { ...where, steps: due.map((one) => ({ step: one.step.id, hosts: one.due })) };
  const seconds = due.reduce((sum, { step }) => sum + step.timeout + (step.lostAfter ?? 0), 0);
  const options = actingOn(wave.phase, namesOf(due), seconds, due[0]?.due.map(({ host }) => host) ?? []);
  const { steps, ended } = await atKeeper(wave.keeper, async (to, passedOn) =>
    hosts.runHostSteps.executeWithOptions({ ...options, ...to }, [{ ...request, ...passedOn }]),
  );
  const last = due[steps.length - 1];
  if (!last) throw new Error(`${steps.length} steps cannot have ended`);
  return { steps: steps.length, failed: await runStep(where, wave, last.step, last.due, held, ended) };
}

function namesOf(due: readonly DueStep[]): string {
  return `${due[0]?.step.name ?? ''} … ${due.at(-1)?.step.name ?? ''} (${due.length} steps)`;
}
