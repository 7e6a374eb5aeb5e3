import type { PlanAnswer } from '../../../model/answers.js';
import type { ApiClient } from '../api-client.js';
import { visible } from '../visible.js';

/** A warning before steps are done again: which of them their author has not declared repeatable. */
export async function blindSteps(client: ApiClient, planHash: string, from: string): Promise<string> {
  const { plan } = await client.get<PlanAnswer>(`/v1/plans/${planHash}`);
  const steps = plan.phases.find((phase) => phase.steps.some((step) => step.id === from))?.steps ?? [];
  const again = steps.slice(steps.findIndex((step) => step.id === from));
  const blind = again.filter((step) => !step.repeatable);
  if (blind.length === 0) return 'Every step from there on is declared repeatable.';
  return [
    'Where these have acted, they act again without looking first, and they are not declared repeatable:',
    ...blind.map((step) => `  ${visible(step.name)} [${step.id}]`),
  ].join('\n');
}
