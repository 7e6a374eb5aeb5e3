import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../../lab/lab.js';
import type { RunAnswer, TasksAnswer } from '../../../model/answers.js';
import type { Plan } from '../../../model/plan.js';
import type { Belay } from '../../end-to-end/belay.js';
import { inShell } from '../runbook-lab.js';
import { armoury, behindOf, inFront } from './armed.js';
import type { Onlooker } from './onlooker.js';
import type { Place, Row } from './rows.js';
import { keep, otherwise, type Kept } from './state.js';

type Task = TasksAnswer['tasks'][number];

/** A run of a plan that is `standingStill`, on its way through its failures. */
export interface Walk {
  readonly lab: Lab;
  readonly belay: Belay;
  readonly plan: Plan;
  readonly run: string;
  /** The password of the directories' manager. */
  readonly manager: string;
  readonly verify: Onlooker;
}

/** What was seen of one failure, without what is the same of a whole table. */
export type Seen = Omit<Row, 'revision'>;

/**
 * Lets the run go on until it stands before the phase, or has ended.
 * @throws Error where it waits for anything but an approval
 */
export async function goTo(walk: Walk, phase: number): Promise<RunAnswer> {
  const now = await halt(walk, phase);
  if (now.state === 'waiting' && now.approval === undefined) throw new Error(await stuck(walk, now));
  return now;
}

/**
 * Has the steps of one phase fail, one after another, each from where the phase begins; the run stands before the phase.
 *
 * @param places - steps of this phase, in their order
 * @param tell - told of each failure as soon as the phase has gone back from it
 */
export async function failThrough(walk: Walk, places: readonly Place[], tell: (seen: Seen) => void): Promise<void> {
  const { lab, manager, plan } = walk;
  const [first] = places;
  if (first === undefined) return;
  const kept = await keep(lab, manager, `before-${String(first.phase)}`);
  for (let left = [...places]; left[0] !== undefined;) {
    const { host, phase } = left[0];
    const here = left.filter((one) => one.host === host);
    await arm(lab, host, here);
    const now = await halt(walk, phase + 1);
    await arm(lab, host, []);
    const tasks = await walk.belay.tasks(walk.run);
    const { failed, passed } = whichFailed(here, tasks);
    for (const place of passed) tell(passedOver(plan, place, tasks));
    if (failed) {
      const verify = await walk.verify();
      const back = await goBack(walk, phase, kept);
      tell({ ...where(plan, failed.place), said: said(failed.task, now), verify, ...back });
    } else await goBack(walk, phase, kept);
    const done = [...passed, ...(failed ? [failed.place] : [])];
    left = left.filter((one) => !done.includes(one));
    await walk.belay.say(walk.run, 'resume');
    if (left.length > 0) await halt(walk, phase);
  }
}

const where = (plan: Plan, { phase, step, host }: Place): Pick<Seen, 'phase' | 'step' | 'host'> => ({
  phase: plan.phases[phase]?.name ?? '',
  step,
  host,
});

/** The place whose failure has come, and those before it, which had nothing to do. */
function whichFailed(
  armed: readonly Place[],
  tasks: readonly Task[],
): { failed?: { place: Place; task: Task }; passed: Place[] } {
  for (const [index, place] of armed.entries()) {
    const task = tasks.find(
      ({ step, host, failure }) =>
        host === place.host && failure !== undefined && [place.step, behindOf(place.step)].includes(step),
    );
    if (task) return { failed: { place, task }, passed: armed.slice(0, index) };
  }
  return { passed: [...armed] };
}

function passedOver(plan: Plan, place: Place, tasks: readonly Task[]): Seen {
  const state = tasks.find(({ step, host }) => step === place.step && host === place.host)?.state;
  const said = `nothing to do there (${state ?? 'no task'})`;
  return { ...where(plan, place), said, verify: '—', back: '—', held: state === 'ok' || state === 'skipped' };
}

function said({ step, host, failure }: Task, now: RunAnswer): string {
  const stands = now.state === 'waiting' ? `waits for a ${String(now.standing['for'])}` : now.state;
  return `${stands}: ${inFront(step)}@${host} ${failure?.kind ?? ''}: ${failure?.known ?? ''}`;
}

/** Takes the phase back; what is otherwise than before it. @throws Error where it does not go back */
async function goBack(walk: Walk, phase: number, kept: Kept): Promise<Pick<Seen, 'back' | 'held'>> {
  const to = walk.plan.phases[phase]?.steps[0]?.id ?? '';
  await walk.belay.say(walk.run, 'undo', { to });
  for (const deadline = Date.now() + 1_200_000; ;) {
    const now = await walk.belay.run(walk.run);
    if (now.state === 'paused' && now.standing['to'] === to) break;
    if (now.standing['for'] === 'undo-decision' || Date.now() > deadline) throw new Error(await stuck(walk, now));
    await sleep(200);
  }
  const other = await otherwise(walk.lab, walk.manager, kept);
  return { back: other.length === 0 ? 'as before' : other.join('; '), held: other.length === 0 };
}

/** Waits until the run stands still; gives every approval of phases before this one. */
export async function halt({ belay, run }: Pick<Walk, 'belay' | 'run'>, before: number): Promise<RunAnswer> {
  for (const deadline = Date.now() + 1_200_000; ;) {
    const now = await belay.run(run);
    if (now.state === 'waiting' && now.approval && now.approval.phase < before) {
      if (now.approval.votes === 0) await belay.approve(run, now.approval.phase);
    } else if (!['running', 'planned', 'undoing', 'pausing'].includes(now.state)) return now;
    if (Date.now() > deadline) throw new Error(`${run} is still ${now.state}`);
    await sleep(200);
  }
}

/** Has these steps fail on a host from now on, and no others. */
export async function arm(lab: Lab, host: string, places: readonly Place[]): Promise<void> {
  const ids = places.map(({ step }) => step);
  await inShell(lab, host, ids.length === 0 ? `rm -f ${armoury}` : `printf '%s\\n' ${ids.join(' ')} >${armoury}`);
}

/** The steps that failed, `step@host`; where the next thing failed in place of a step, that step. */
export async function nameOfFailed(belay: Belay, run: string): Promise<string[]> {
  const failed = (await belay.tasks(run)).filter(({ failure }) => failure !== undefined);
  return failed.map(({ step, host }) => `${inFront(step)}@${host}`);
}

/** What somebody needs to know to see why a run does not go on. */
async function stuck({ belay, run }: Walk, { state, standing }: RunAnswer): Promise<string> {
  const failed = (await belay.tasks(run)).filter(({ failure }) => failure !== undefined);
  const last = (await belay.events(run)).slice(-8);
  return [
    `${run} is ${state} ${JSON.stringify(standing)}`,
    ...failed.map((task) => `${task.step} on ${task.host}: ${JSON.stringify(task.failure)}`),
    ...last.map((event) => `${String(event.sequence)} ${event.kind} ${JSON.stringify(event.data)}`),
  ].join('\n');
}
