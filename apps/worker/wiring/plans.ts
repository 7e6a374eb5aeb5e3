import type { Database } from '../../../database/connect.js';
import { writeIntents, type Owing } from '../../../database/intents.js';
import { readPlan } from '../../../database/plans.js';
import { planHashOf } from '../../../database/runs.js';
import type { Plan, PlannedPhase, PlannedStep } from '../../../model/plan.js';
import type { Intent, TaskName } from '../../../model/record.js';
import { owedBack } from '../../../model/task/undone-by.js';

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

/** Writes what is about to be sent, with the restarts that will be owed for it. */
export async function announce(db: Database, plans: Plans, intent: Intent): Promise<void> {
  await writeIntents(db, [intent], await owingOf(plans, intent));
}

/** The restarts that a task's step will owe on its host: by what it does there, or by going back. */
export async function owingOf(
  plans: Plans,
  { run, step: id, host, part }: TaskName & Pick<Intent, 'part'>,
): Promise<Owing[]> {
  const { plan, step } = await plans.step(run, id);
  const services = part === 'undo' ? owedBack(plan, step) : step.owes;
  return services.map((service) => ({ host, service, step: id }));
}
