import type { EntityManager } from 'typeorm';
import { operationOf, type Plan, type PlannedStep } from '../model/plan.js';
import type { UndoResult } from '../model/record.js';
import { afterTaker } from '../model/task/undone-by.js';
import { rows } from './query.js';
import type { UndoResultRow } from './tables/operators.js';

type Known = Pick<UndoResultRow, 'step' | 'host' | 'outcome' | 'failure'>;

/**
 * What becomes of tasks that wait for others to take them back, now that these are back.
 *
 * @param back - what came to `undone`, and whether there was nothing to take back
 */
export async function goneWith(
  manager: EntityManager,
  { run, undo }: { readonly run: string; readonly undo: number },
  plan: Plan,
  back: readonly Pick<UndoResult, 'step' | 'host' | 'idle'>[],
): Promise<UndoResult[]> {
  const steps = plan.phases.flatMap((phase) => phase.steps);
  const waiting = steps.filter((step) => back.some((one) => takes(step, one.step)));
  if (waiting.length === 0) return [];
  const known = await rows<Known>(
    manager,
    `select step, host, outcome, failure from undo_results
     where run = $1 and undo = $2 and step = any($3) and host = any($4)`,
    [run, undo, waiting.flatMap((step) => [step.id, ...takersIn(step)]), back.map(({ host }) => host)],
  );
  return back.flatMap((one) =>
    waiting.filter((step) => takes(step, one.step)).flatMap((step) => wentWith(step, one, steps, known)),
  );
}

function wentWith(
  step: PlannedStep,
  { step: taker, host, idle }: Pick<UndoResult, 'step' | 'host' | 'idle'>,
  steps: readonly PlannedStep[],
  known: readonly Known[],
): UndoResult[] {
  const resultOf = (id: string): Known | undefined => known.find((one) => one.step === id && one.host === host);
  const left = resultOf(step.id);
  if (left?.outcome !== 'left') return [];
  const there = steps.filter((one) => takes(step, one.id) && operationOf(one, host) !== undefined);
  const name = steps.find(({ id }) => id === taker)?.name ?? taker;
  const became = afterTaker(
    left.failure,
    { step: taker, name, idle: idle === true },
    there.map(({ id }) => resultOf(id)?.outcome),
  );
  return became === undefined ? [] : [{ step: step.id, host, ...became }];
}

function takersIn({ undo }: PlannedStep): readonly string[] {
  return undo.how === 'by' ? undo.by : [];
}

function takes(step: PlannedStep, taker: string): boolean {
  return takersIn(step).includes(taker);
}
