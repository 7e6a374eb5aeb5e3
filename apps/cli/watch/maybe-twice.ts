import type { PlanAnswer, RunAnswer, TaskAnswer, TasksAnswer } from '../../../model/answers.js';
import { mayTryAgain, waitsForDecision } from '../../../model/task/rounds.js';
import type { ApiClient } from '../api-client.js';

/** A task of which something may have happened, and whose author has not said that it may happen twice. */
export type MaybeTwice = Pick<TaskAnswer, 'step' | 'host' | 'state'> & {
  /** The step's sentence. */
  readonly name: string;
};

/**
 * The tasks that a retry, of all that failed or of those named, would do again although something of them may have
 * happened. None where the run does not stand so that a retry would do anything forward again.
 */
export async function maybeTwice(
  client: ApiClient,
  run: Pick<RunAnswer, 'run' | 'planHash' | 'state' | 'standing'>,
  named: { readonly step?: string; readonly host?: string } = {},
): Promise<MaybeTwice[]> {
  if (run.state !== 'paused' && run.standing['for'] !== 'decision') return [];
  const { tasks } = await client.get<TasksAnswer>(`/v1/runs/${run.run}/tasks`);
  const { phase, wave } = run.standing;
  const asked = tasks.filter(
    (task) =>
      waitsForDecision(task.state) &&
      (phase ?? task.phase) === task.phase &&
      (wave ?? task.wave) === task.wave &&
      (named.step ?? task.step) === task.step &&
      (named.host ?? task.host) === task.host,
  );
  if (asked.length === 0) return [];
  const { plan } = await client.get<PlanAnswer>(`/v1/plans/${run.planHash}`);
  const steps = new Map(plan.phases.flatMap((one) => one.steps.map((step) => [step.id, step])));
  return asked.flatMap(({ step: id, host, state, ending }) => {
    const step = steps.get(id);
    if (!step || step.repeatable || (ending !== undefined && mayTryAgain(ending, false))) return [];
    return [{ step: id, host, state, name: step.name }];
  });
}
