import { beginLivePlan as writeLivePlan, readLivePlan as readRow } from '../../database/live-plans.js';
import { readPlan } from '../../database/plans.js';
import type { LivePlanAnswer } from '../../model/answers.js';
import { showLive } from '../../model/live/show-live.js';
import { livePlanWorkflowId } from '../../workflows/messages.js';
import type { Records } from './records.js';
import { letters, summaryOf } from './start-run.js';
import type { Workflows } from './workflows.js';

/** Has the worker look at the hosts of a plan; returns the live plan's name. */
export async function beginLivePlan(
  { database }: Records,
  workflows: Workflows,
  planHash: string,
  by: string,
): Promise<string> {
  const plan = await readPlan(database, planHash);
  const live = `live-${letters(8)}`;
  await writeLivePlan(database, live, planHash, by);
  await workflows.startLivePlan(live, `live plan of ${summaryOf(plan)}`);
  return live;
}

/** A live plan with how it stands; one whose workflow has ended without closing it has failed. */
export async function readLivePlan({ database }: Records, workflows: Workflows, live: string): Promise<LivePlanAnswer> {
  const found = await readRow(database, live);
  const plan = await readPlan(database, found.planHash);
  const state = found.hash === undefined ? await openState(workflows, live) : 'done';
  return { ...found, state, shown: showLive(plan, found.looks, found.hash ?? 'not finished') };
}

async function openState(workflows: Workflows, live: string): Promise<'going_on' | 'failed'> {
  const verdict = await workflows.verdict(livePlanWorkflowId(live));
  // One that a run makes at its begin is named after the run, and belongs to the run's own workflow.
  if (verdict === 'FORGOTTEN') return /^live-[a-z0-9]+$/.test(live) ? 'failed' : 'going_on';
  return ['RUNNING', 'CONTINUED_AS_NEW', 'PAUSED', 'COMPLETED'].includes(verdict) ? 'going_on' : 'failed';
}
