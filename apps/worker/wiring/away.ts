import { liveness } from '../../../activities/ssh/liveness.js';
import { beginAttempts } from '../../../database/attempts.js';
import type { Database } from '../../../database/connect.js';
import { readIntents } from '../../../database/intents.js';
import { holdsMachine } from '../../../database/machines.js';
import { writeResults } from '../../../database/results.js';
import { beginUndoAttempts, readUndo, writeUndoResults } from '../../../database/undo.js';
import type { Operation } from '../../../model/operation.js';
import { onlyReads, operationOf, type PlannedStep } from '../../../model/plan.js';
import type { AwayNeeds, AwayStepWork, AwayWork } from '../../../model/task/away-needs.js';
import { coveredBy, takersOf, type Taker } from '../../../model/task/undone-by.js';
import { announce, type Plans } from './plans.js';
import type { Rendering } from './rendering.js';

type Place = Operation['on'];
type OperationOn<P extends Place> = Extract<Operation, { on: P }>;

/** Postgres, plan and secrets, as the functions that steps ask for which the worker carries out itself. */
export function awayNeeds<P extends Place>(
  place: P,
  db: Database,
  plans: Plans,
  rendering: Rendering,
): AwayNeeds<OperationOn<P>> {
  const workOn = async (run: string, step: PlannedStep, host: string): Promise<AwayWork<OperationOn<P>>> => {
    const operation = operationOf(step, host);
    if (!isOn(place, operation)) throw new Error(`${step.id} does nothing of the place ${place} for ${host}`);
    const intents = await readIntents(db, run, step.id);
    return { operation, intents: intents.filter((intent) => intent.host === host && intent.part === 'do') };
  };
  const stepWork = async (
    run: string,
    step: PlannedStep,
    hosts: readonly string[],
  ): Promise<AwayStepWork<OperationOn<P>>> => ({
    name: step.name,
    reads: onlyReads(step),
    repeatable: step.repeatable,
    seconds: step.timeout,
    register: step.register,
    assert: step.assert,
    ...(step.hints !== undefined && { hints: step.hints }),
    ...(step.lostAfter !== undefined && { lostAfter: step.lostAfter }),
    hosts: new Map(await Promise.all(hosts.map(async (host) => [host, await workOn(run, step, host)] as const))),
  });
  return {
    alive: liveness,
    now: () => performance.now(),
    readStep: async ({ run, step: id, hosts }) => {
      const { step } = await plans.step(run, id);
      const names = hosts.map((one) => one.host);
      return stepWork(run, step, names);
    },
    beginAttempts: async (run, step, hosts) => beginAttempts(db, run, step, hosts),
    values: async (task, operation) => {
      const { step } = await plans.step(task.run, task.step);
      const rendered = await rendering.render(task, step, operation);
      return { when: rendered.when, ...(await rendering.filler(task, operation, rendered)) };
    },
    holds: async (task, holder) => holdsMachine(db, task.run, task.host, holder),
    assert: async (task, expression, registered) => rendering.assert(task, expression, undefined, registered),
    writeResults: async (results) => {
      await writeResults(db, results);
    },
    readUndo: async ({ run, undo, step: id, hosts }) => {
      const { plan, step } = await plans.step(run, id);
      const work = await stepWork(run, step, hosts);
      if (step.undo.how === 'none') return { ...work, none: step.undo.because };
      if (step.undo.how !== 'by') return work;
      const outline = await readUndo(db, run, undo);
      const takers = (host: string): Taker[] => takersOf(plan, step, host, coveredBy(outline), outline.scope);
      return { ...work, takers: new Map(hosts.map((host) => [host, takers(host)])) };
    },
    announceUndo: async (intent) => announce(db, plans, intent),
    beginUndoAttempts: async (run, undo, step, hosts) => beginUndoAttempts(db, run, undo, step, hosts),
    writeUndoResults: async (run, undo, results) => writeUndoResults(db, run, undo, results),
  };
}

function isOn<P extends Place>(place: P, operation: Operation | undefined): operation is OperationOn<P> {
  return operation?.on === place;
}
