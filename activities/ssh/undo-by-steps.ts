import type { HostOperation } from '../../model/operation.js';
import { operationOf, type PlannedStep } from '../../model/plan.js';
import { nameOnHost } from '../../model/task/name-on-host.js';
import { goesOn } from '../../model/states.js';
import type { Attempt, Outcome } from './attempt.js';
import { carryOut } from './carry-out.js';
import type { JournalClaim } from './session.js';
import { decideBecause, type WentBack } from './undo-step.js';

/**
 * Goes back by the author's own steps, in the order in which they are written, each checked and verified as any step.
 *
 * @param retried - a person has said that they are to be tried again
 */
export async function undoBySteps(
  attempt: Attempt,
  steps: readonly PlannedStep[],
  retried: boolean,
): Promise<WentBack> {
  for (const [index, step] of steps.entries()) {
    const operation = operationOf(step, attempt.name.host);
    if (operation?.on !== 'host') continue;
    const outcome = await stepBack(attempt, { step, operation, before: index * triesOfOne }, retried);
    if (goesOn(outcome.ending)) continue;
    const known = `${step.name} (${step.id}): ${outcome.failure?.known ?? outcome.ending}`;
    if (outcome.ending === 'unknown')
      return decideBecause(
        attempt,
        'step/outcome-unknown',
        known,
        'look at the host; `retry` does it again, `skip` leaves it',
      );
    return { outcome: 'undo_failed', summary: known, ...(outcome.failure ? { failure: outcome.failure } : {}) };
  }
  return { outcome: 'undone', summary: `undone by ${steps.map((step) => step.id).join(', ')}` };
}

/** Tries of the author's second step are numbered from here on, of the third from twice as much: their output stays apart. */
const triesOfOne = 1000;

/** One of the author's steps on one host. */
interface Back {
  readonly step: PlannedStep;
  readonly operation: HostOperation;
  /** The number before that of its first try. */
  readonly before: number;
}

/** The author's step from where it stands in the host's journal: its last try is taken up, or gives way to the next. */
async function stepBack(undone: Attempt, back: Back, retried: boolean): Promise<Outcome> {
  const task = nameOnHost(undone.name.run, back.step.id, undone.work.turn);
  const last = (await undone.session.look(task)).claims.findLast((claim) => claim.part === 'do');
  const again = async (number: number): Promise<Outcome> => carryOut(await attemptOf(undone, back, task, number));
  if (last === undefined) return again(back.before + 1);
  if (!endedBadly(last, back.operation)) {
    const outcome = await again(last.attempt);
    if (!givesWay(last, outcome, back.step.repeatable || retried)) return outcome;
  }
  return again(last.attempt + 1);
}

/** Its end is known, and that it was not what it had to be. */
function endedBadly({ state, code = 0 }: JournalClaim, operation: HostOperation): boolean {
  if (state === 'exited') return !(operation.do.doneExits ?? [0]).includes(code);
  return state === 'timed-out' || state === 'cancelled';
}

/**
 * Whether a try that had ended before it was taken up is followed by another one: what it did is not there any more, or
 * nobody knows what it did and it may be done twice.
 */
function givesWay({ state }: JournalClaim, { ending }: Outcome, mayBeTwice: boolean): boolean {
  if (state === 'exited') return ending === 'partial';
  return state === 'dead' && ending === 'unknown' && mayBeTwice;
}

/** The author's step as a task of its own in the host's journal, and as output of what it undoes. */
async function attemptOf(undone: Attempt, { step, operation }: Back, task: string, attempt: number): Promise<Attempt> {
  const name = { ...undone.name, step: step.id };
  const rendered = await undone.needs.render(name, step, operation, undone.session.facts);
  const filler = await undone.needs.filler(name, operation, rendered);
  return {
    ...undone,
    name,
    undoes: undone.name,
    task,
    attempt,
    step,
    filler,
    work: { ...undone.work, operation, intents: [] },
  };
}
