import type { HostOperation } from '../../model/operation.js';
import { operationOf, type PlannedStep } from '../../model/plan.js';
import { nameOnHost } from '../../model/task/name-on-host.js';
import { goesOn } from '../../model/states.js';
import type { Attempt } from './attempt.js';
import { carryOut } from './carry-out.js';
import { decideBecause, type WentBack } from './undo-step.js';

/** Goes back by the author's own steps, in the order in which they are written, each checked and verified as any step. */
export async function undoBySteps(attempt: Attempt, steps: readonly PlannedStep[]): Promise<WentBack> {
  for (const [index, step] of steps.entries()) {
    const operation = operationOf(step, attempt.name.host);
    if (operation?.on !== 'host') continue;
    const outcome = await carryOut(await attemptOf(attempt, step, operation, index * triesOfOne));
    if (goesOn(outcome.ending)) continue;
    const known = `${step.name} (${step.id}): ${outcome.failure?.known ?? outcome.ending}`;
    if (outcome.ending === 'unknown') return decideBecause(attempt, 'step/outcome-unknown', known);
    return { outcome: 'undo_failed', summary: known, ...(outcome.failure ? { failure: outcome.failure } : {}) };
  }
  return { outcome: 'undone', summary: `undone by ${steps.map((step) => step.id).join(', ')}` };
}

/** Tries of the author's second step are numbered from here on, of the third from twice as much: their output stays apart. */
const triesOfOne = 1000;

/**
 * The author's step as a task of its own in the host's journal, and as output of what it undoes; a try that ended gives
 * way to the next.
 */
async function attemptOf(
  undone: Attempt,
  step: PlannedStep,
  operation: HostOperation,
  before: number,
): Promise<Attempt> {
  const task = nameOnHost(undone.name.run, step.id, undone.work.turn);
  const claims = (await undone.session.look(task)).claims.filter((claim) => claim.part === 'do');
  const last = claims.at(-1);
  const number =
    last === undefined ? before + 1 : last.state === 'exited' && last.code !== 0 ? last.attempt + 1 : last.attempt;
  const name = { ...undone.name, step: step.id };
  const rendered = await undone.needs.render(name, step, operation, undone.session.facts);
  const filler = await undone.needs.filler(name, operation, rendered);
  return {
    ...undone,
    name,
    undoes: undone.name,
    task,
    attempt: number,
    step,
    filler,
    work: { ...undone.work, operation, intents: [] },
  };
}
