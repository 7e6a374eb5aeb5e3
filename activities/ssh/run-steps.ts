import type { Result, Standing } from '../../model/record.js';
import { goesOn } from '../../model/states.js';
import { liveness } from './liveness.js';
import type { Begun, StepNeeds, StepRequest, StepWork } from './needs.js';
import { carryOutStep } from './run-step.js';

/** Steps that follow one another on the same hosts of a wave. */
export interface StepsRequest extends Omit<StepRequest, 'step' | 'hosts'> {
  readonly steps: readonly Pick<StepRequest, 'step' | 'hosts'>[];
}

/** Which of the steps have ended, and how, in their order; all but the last went well everywhere. */
export interface StepsEnded {
  readonly steps: readonly string[];
  /** Of the last one. */
  readonly ended: readonly Standing[];
  /** Of those before it. */
  readonly before: readonly (readonly Standing[])[];
}

/** Where each request has come to, in this worker. */
const present = new WeakMap<object, string>();

/** The step that a request for several is at; undefined for any other request, and where another worker was at it. */
export function presentStep(request: object): string | undefined {
  return present.get(request);
}

/**
 * Steps one behind the other, each on all hosts before the next one begins anywhere, and each with intents, claims and
 * results of its own; the holders are those that the first has taken. What needs a decision ends it: a host on which a
 * step did not end well, and any word that somebody has with the run.
 */
export async function runHostSteps(needs: StepNeeds, request: StepsRequest): Promise<StepsEnded> {
  const { steps, ...where } = request;
  const life = liveness();
  try {
    const through: { readonly step: string; readonly ended: readonly Standing[] }[] = [];
    let held: readonly Begun[] | undefined;
    let foreseen: Promise<StepWork> | undefined;
    let unwritten: readonly Result[] = [];
    for (const [index, step] of steps.entries()) {
      present.set(request, step.step);
      life.at(step.step);
      life.detached.throwIfAborted();
      const begun: readonly Begun[] | undefined =
        held === undefined
          ? await needs.beginAttempts(where.run, step.step, step.hosts)
          : await needs.beginNext(where.run, { step: step.step, due: dueUnder(step, held), ended: unwritten });
      unwritten = [];
      if (!begun) break;
      const work = await (foreseen ?? needs.readWork({ ...where, ...step }));
      const next = steps[index + 1];
      // Read while this step goes on. Whoever could change it since has taken the hosts, and then nothing begins.
      foreseen = next && needs.readWork({ ...where, ...next });
      foreseen?.catch(() => undefined);
      const ended = await carryOutStep(needs, { ...where, ...step }, { begun, work }, life, async (results, last) => {
        // The last ones are written with the beginning of the next step, where that is to be asked for.
        if (last && next && results.every((one) => goesOn(one.ending))) unwritten = results;
        else await needs.writeResults(results);
      });
      through.push({ step: step.step, ended });
      if (life.cancelled.aborted || !ended.every((one) => goesOn(one.ending))) break;
      held = begun;
    }
    if (unwritten.length > 0) await needs.writeResults(unwritten);
    return endedAll(through);
  } finally {
    life.end();
  }
}

function endedAll(through: readonly { readonly step: string; readonly ended: readonly Standing[] }[]): StepsEnded {
  return {
    steps: through.map(({ step }) => step),
    ended: through.at(-1)?.ended ?? [],
    before: through.slice(0, -1).map(({ ended }) => ended),
  };
}

/** The attempts that are due, under the holders of those before. */
function dueUnder({ step, hosts }: Pick<StepRequest, 'step' | 'hosts'>, before: readonly Begun[]): readonly Begun[] {
  const holders = new Map(before.map(({ host, holder }) => [host, holder]));
  return hosts.map(({ host, attempt }) => {
    const holder = holders.get(host);
    if (holder === undefined) throw new Error(`${step} is due on ${host}, where the step before was not`);
    return { host, attempt, holder };
  });
}
