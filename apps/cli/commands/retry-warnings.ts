import type { PlanAnswer, RunAnswer } from '../../../model/answers.js';
import type { ApiClient } from '../api-client.js';
import { visible } from '../visible.js';
import { maybeTwice } from '../watch/maybe-twice.js';

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

/** A warning before failed tasks are tried again, where something of them may have happened; undefined where none is due. */
export async function mayHappenTwice(
  client: ApiClient,
  run: RunAnswer,
  named: { readonly step?: string; readonly host?: string },
): Promise<string | undefined> {
  const twice = await maybeTwice(client, run, named);
  if (twice.length === 0) return undefined;
  return [
    'Something of these may have happened already; they act again without looking first, and they are not declared repeatable:',
    ...twice.map(({ step, host, state, name }) => `  ${visible(`${name} [${step}] on ${host}: ${state}`)}`),
  ].join('\n');
}
