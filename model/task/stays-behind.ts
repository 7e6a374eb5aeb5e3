import type { Plan } from '../plan.js';
import type { UndoScope } from '../record.js';
import type { Ending } from '../states.js';
import { reachOf } from './undo-reach.js';
import { staysFor, takersOf, type TriedTask } from './undone-by.js';

/** A task that an undo would leave as it is. */
export interface StaysBehind {
  readonly step: string;
  readonly host: string;
  /** The step's sentence. */
  readonly name: string;
  readonly because: string;
}

/** A task as it stands; its ending is that of its present turn. */
interface StandingTask {
  readonly step: string;
  readonly host: string;
  readonly attempt: number;
  readonly ending?: Ending | undefined;
}

const acting: readonly Ending[] = ['done', 'partial', 'unknown'];

/**
 * What an undo would leave as it is by the plan itself: of each task that has acted, whether its step says that it
 * cannot be undone, or goes back with another one that does not.
 *
 * @param scope - what would go back; the whole run where absent
 */
export function staysBehind(plan: Plan, tasks: readonly StandingTask[], scope?: UndoScope): StaysBehind[] {
  const tried: TriedTask[] = tasks
    .filter(({ attempt }) => attempt > 0)
    .map(({ step, host, ending }) => ({
      ...{ step, host, passed: ending === 'skipped' },
      acted: ending === undefined || acting.includes(ending),
    }));
  const reached = reachOf(plan, scope);
  const steps = plan.phases.flatMap((phase) => phase.steps);
  return steps.flatMap((step) =>
    tried.flatMap((task) => {
      if (task.step !== step.id || !task.acted || !reached(step.id, task.host)) return [];
      const because =
        step.undo.how === 'none'
          ? `it cannot be undone: ${step.undo.because}`
          : step.undo.how === 'by'
            ? staysFor(takersOf(plan, step, task.host, tried, scope))
            : undefined;
      return because === undefined ? [] : [{ step: step.id, host: task.host, name: step.name, because }];
    }),
  );
}
