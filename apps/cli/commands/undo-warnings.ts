import type { PlanAnswer, RunAnswer, TasksAnswer } from '../../../model/answers.js';
import { staysBehind } from '../../../model/task/stays-behind.js';
import type { ApiClient } from '../api-client.js';
import { visible } from '../visible.js';

/** Tasks that are named; the rest is counted. */
const most = 20;

/**
 * What an undo will leave as it is by the plan itself, said before it begins; undefined where that is nothing.
 *
 * @param to - back to this step; `host` alone: on this host; the whole run where both are absent
 */
export async function undoLeaves(
  client: ApiClient,
  { run, planHash }: RunAnswer,
  { to, host }: { readonly to?: string; readonly host?: string } = {},
): Promise<string | undefined> {
  const { plan } = await client.get<PlanAnswer>(`/v1/plans/${planHash}`);
  const { tasks } = await client.get<TasksAnswer>(`/v1/runs/${run}/tasks`);
  const scope = to !== undefined ? { to } : host !== undefined ? { host } : undefined;
  const left = staysBehind(plan, tasks, scope);
  if (left.length === 0) return undefined;
  const named = left.slice(0, most).map((one) => `  ${one.name} [${one.step}] on ${one.host}: ${one.because}`);
  const rest = left.length > most ? [`  and ${left.length - most} more`] : [];
  return ['These stay as they are:', ...named.map((line) => visible(line)), ...rest].join('\n');
}
