import type { Database } from '../../../database/connect.js';
import type { Owing } from '../../../database/intents.js';
import { readPlan } from '../../../database/plans.js';
import { planHashOf } from '../../../database/runs.js';
import type { Plan, PlannedPhase, PlannedStep } from '../../../model/plan.js';
import type { TaskName } from '../../../model/record.js';

/** Plans by run. A run may be given another plan, so its hash is read each time; the plans themselves are remembered. */
export interface Plans {
  of(run: string): Promise<Plan>;
  step(
    run: string,
    step: string,
  ): Promise<{ readonly plan: Plan; readonly phase: PlannedPhase; readonly step: PlannedStep }>;
}

export function openPlans(db: Database): Plans {
  const of = async (run: string): Promise<Plan> => readPlan(db, await planHashOf(db, run));
  return {
    of,
    step: async (run, id) => {
      const plan = await of(run);
      for (const phase of plan.phases) {
        const step = phase.steps.find((one) => one.id === id);
        if (step) return { plan, phase, step };
      }
      throw new Error(`the plan of ${run} has no step ${id}`);
    },
  };
}

/** The restarts that a task's step will owe on its host. */
export async function owingOf(plans: Plans, task: TaskName): Promise<Owing[]> {
  const { owes } = (await plans.step(task.run, task.step)).step;
  return owes.map((service) => ({ host: task.host, service, step: task.step }));
}
