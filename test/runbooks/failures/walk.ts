import { setTimeout as sleep } from 'node:timers/promises';
import type { Lab } from '../../../lab/lab.js';
import type { RunAnswer, TasksAnswer } from '../../../model/answers.js';
import type { Plan } from '../../../model/plan.js';
import type { Belay } from '../../end-to-end/belay.js';
import { inShell } from '../runbook-lab.js';
import { injected } from '../../chaos/faults.js';
import { armoury, behindOf, inFront } from './armed.js';
import { anewFrom, leftToEarlier } from './left.js';
import type { Onlooker } from './onlooker.js';
import type { Place, Row } from './rows.js';
import type { Stretch } from './stretches.js';
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
  /** Whether no further failure is to be begun. */
  enough(): boolean;
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

/** How the run comes to a stretch, and what makes it stand still behind that. */
export interface Around {
  /** Lets the run, which stands before the stretch, go on into it. */
  begin?(this: void): Promise<void>;
  /** The place that the run must not pass. */
  readonly beyond?: Place;
}

/**
 * Has the steps of a stretch fail, one after another, each from where the stretch begins, before which the run stands, and
 * to where it has gone back in the end.
 *
 * @param tell - told of each failure as soon as the stretch has gone back from it
 */
export async function failThrough(
  walk: Walk,
  { start, places }: Stretch,
  tell: (seen: Seen) => void,
  { begin, beyond }: Around = {},
): Promise<void> {
  const { belay, lab, manager, plan, run } = walk;
  const kept = await keep(lab, manager, 'before-the-stretch');
  for (let left = [...places], begun = false; left[0] !== undefined && !walk.enough(); begun = true) {
    const { host, phase } = left[0];
    const here = left.filter((one) => one.host === host);
    await arm(lab, beyond ? [...here, beyond] : here);
    await (begun ? goForward(walk, phase) : begin?.());
    const now = await haltAnew(walk, phase + 1);
    await disarm(lab);
    const tasks = await belay.tasks(run);
    const { failed, passed } = whichFailed(here, tasks);
    const stopped = failed ?? whichFailed(beyond ? [beyond] : [], tasks).failed;
    if (!stopped && now.standing['for'] === 'decision') throw new Error(await stuck(walk, now));
    const verify = failed ? await walk.verify() : '—';
    await goBack(walk, start);
    for (const place of passed) tell(passedOver(plan, place, tasks));
    if (failed) {
      const { place, task } = failed;
      tell({ ...where(plan, place), said: said(task, now), verify, ...(await compared(walk, place, kept)) });
    }
    left = left.filter((one) => one !== failed?.place && !passed.includes(one));
  }
}

/**
 * Lets a run that has gone back go forward again. What goes back with a step of an earlier phase still stands there as it
 * failed, and is tried again.
 */
export async function goForward(walk: Walk, phase: number): Promise<void> {
  const left = (await walk.belay.tasks(walk.run)).filter(({ state }) => state === 'failed');
  await walk.belay.say(walk.run, 'resume');
  if (left.length === 0) return;
  await halt(walk, phase + 1);
  await walk.belay.say(walk.run, 'retry');
  for (const one of left) await gonePast(walk, one);
}

/** Waits until a task that failed has been done: before that, the run stands as it did. */
export async function gonePast(
  { belay, run }: Pick<Walk, 'belay' | 'run'>,
  { step, host }: Pick<Task, 'step' | 'host'>,
): Promise<void> {
  for (const deadline = Date.now() + 300_000; Date.now() < deadline; await sleep(200)) {
    const task = (await belay.tasks(run)).find((one) => one.step === step && one.host === host);
    if (task && ['ok', 'changed', 'skipped'].includes(task.state)) return;
  }
  throw new Error(`${step} on ${host} has not been tried again`);
}

/** The place of a row. */
const where = (plan: Plan, { phase, step, host }: Place): Pick<Seen, 'phase' | 'step' | 'host'> => ({
  phase: plan.phases[phase]?.name ?? '',
  step,
  host,
});

/** The place whose failure has come, and those before it, which had nothing to do. */
export function whichFailed(
  armed: readonly Place[],
  tasks: readonly Task[],
): { failed?: { place: Place; task: Task }; passed: Place[] } {
  for (const [index, place] of armed.entries()) {
    const task = tasks.find(
      ({ step, host, failure }) =>
        host === place.host &&
        failure?.known.includes(`with ${String(injected)}`) &&
        [place.step, behindOf(place.step)].includes(step),
    );
    if (task) return { failed: { place, task }, passed: armed.slice(0, index) };
  }
  return { passed: [...armed] };
}

/** The row of a step that had nothing to do. */
export function passedOver(plan: Plan, place: Place, tasks: readonly Task[]): Seen {
  const state = tasks.find(({ step, host }) => step === place.step && host === place.host)?.state;
  const said = `nothing to do there (${state ?? 'no task'})`;
  return { ...where(plan, place), said, verify: '—', back: '—', held: state === 'ok' || state === 'skipped' };
}

/** How the run stood, and what it said. */
export function said({ step, host, failure }: Task, now: RunAnswer): string {
  const stands = now.state === 'waiting' ? `waits for a ${String(now.standing['for'])}` : now.state;
  return `${stands}: ${inFront(step)}@${host} ${failure?.kind ?? ''}: ${failure?.known ?? ''}`;
}

/** Takes a step back and all after it. @throws Error where it does not go back */
async function goBack(walk: Walk, to: string): Promise<void> {
  await walk.belay.say(walk.run, 'undo', { to });
  for (const deadline = Date.now() + 1_200_000; ; await sleep(200)) {
    const now = await walk.belay.run(walk.run);
    if (now.state === 'paused' && now.standing['to'] === to) return;
    if (now.standing['for'] === 'undo-decision' || Date.now() > deadline) throw new Error(await stuck(walk, now));
  }
}

/** What is otherwise than it was before a step, which has gone back. */
async function compared(walk: Walk, place: Place, kept: Kept): Promise<Pick<Seen, 'back' | 'held'>> {
  const steps = walk.plan.phases[place.phase]?.steps.map(({ id }) => id) ?? [];
  const { other, left } = leftToEarlier({ steps, host: place.host }, await otherwise(walk.lab, walk.manager, kept));
  const said = other.length === 0 ? ['as before'] : other;
  return { back: [...said, ...(left ? [`but for ${left}`] : [])].join('; '), held: other.length === 0 };
}

/** Waits until the run stands still; gives every approval of phases before this one. */
export async function halt({ belay, run }: Pick<Walk, 'belay' | 'run'>, before: number): Promise<RunAnswer> {
  for (const deadline = Date.now() + 1_200_000; ;) {
    const now = await belay.run(run);
    if (now.state === 'waiting' && now.approval && now.approval.phase < before) {
      if (now.approval.votes === 0) await belay.approve(run, now.approval.phase);
    } else if (!moving(now)) return now;
    if (Date.now() > deadline) throw new Error(`${run} is still ${now.state}`);
    await sleep(200);
  }
}

/** A run that is on its way, or stands where it has gone back and has been told to go on. */
const moving = ({ state, standing }: RunAnswer): boolean =>
  ['running', 'planned', 'undoing', 'pausing'].includes(state) || (state === 'paused' && standing['to'] !== undefined);

/** As {@link halt}; what is due anew is tried again first, as an operator would. */
async function haltAnew(walk: Walk, before: number): Promise<RunAnswer> {
  const now = await halt(walk, before);
  if (now.standing['for'] !== 'decision') return now;
  const refused = (await walk.belay.tasks(walk.run)).find(({ failure, step }) => failure && anewFrom(step));
  const from = anewFrom(refused?.step ?? '');
  if (refused === undefined || from === undefined) return now;
  await walk.belay.say(walk.run, 'retry', { from });
  await gonePast(walk, refused);
  return halt(walk, before);
}

/** Has these steps fail from now on, each on its host, and no others. */
export async function arm(lab: Lab, places: readonly Pick<Place, 'step' | 'host'>[]): Promise<void> {
  await disarm(lab);
  for (const { host, step } of places) await inShell(lab, host, `printf '%s\\n' ${step} >>${armoury}`);
}

/** Has no step fail any more. */
export async function disarm(lab: Lab): Promise<void> {
  await Promise.all(lab.hosts.map(async ({ name }) => inShell(lab, name, `rm -f ${armoury}`)));
}

/** The steps that failed, `step@host`; where the next thing failed in place of a step, that step. */
export async function nameOfFailed(belay: Belay, run: string): Promise<string[]> {
  const failed = (await belay.tasks(run)).filter(({ failure }) => failure !== undefined);
  return failed.map(({ step, host }) => `${inFront(step)}@${host}`);
}

/** What somebody needs to know to see why a run does not go on. */
export async function stuck(
  { belay, run }: Pick<Walk, 'belay' | 'run'>,
  { state, standing }: RunAnswer,
): Promise<string> {
  const failed = (await belay.tasks(run)).filter(({ failure }) => failure !== undefined);
  const last = (await belay.events(run)).slice(-8);
  return [
    `${run} is ${state} ${JSON.stringify(standing)}`,
    ...failed.map((task) => `${task.step} on ${task.host}: ${JSON.stringify(task.failure)}`),
    ...last.map((event) => `${String(event.sequence)} ${event.kind} ${JSON.stringify(event.data)}`),
  ].join('\n');
}
