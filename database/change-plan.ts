import type { EntityManager } from 'typeorm';
import { changedPhases, changedSteps, whyNotChange } from '../model/plan-change.js';
import type { Plan } from '../model/plan.js';
import type { VerbOutcome, VerbRecord } from '../model/record.js';
import { readPlan } from './plans.js';
import { rows, type Reach } from './query.js';
import { json, storableText } from './storable.js';
import type { PlanChangeRow, RunRow } from './tables/runs.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';

/** One change of a run's plan in the midst of the run. */
export interface PlanChange {
  readonly from: string;
  readonly to: string;
  readonly by: string;
  readonly because: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** How a run came to its present plan; empty where it has the one it was started with. */
export async function readPlanChanges(reach: Reach, run: string): Promise<PlanChange[]> {
  const found = await rows<PlanChangeRow>(reach, 'select * from plan_changes where run = $1 order by number', [run]);
  return found.map(({ from_hash: from, to_hash: to, changed_by: by, because, at }) => ({
    ...{ from, to, by, because },
    at: at.toISOString(),
  }));
}

/**
 * Lets a run that is locked go on with another plan, if nothing of what it has done would be another thing by that.
 * Votes count for the plan that was read, so those for the old one are void; gates of phases that change ask again.
 */
export async function changePlan(manager: EntityManager, run: RunRow, verb: VerbRecord): Promise<VerbOutcome> {
  const { planHash: to, inputs = {}, reason = '' } = verb.arguments;
  if (to === undefined) return { accepted: false, because: 'the verb lacks the plan to go on with' };
  const [old, next] = [await readPlan(manager, run.plan_hash), await readPlan(manager, to)];
  const begunSteps = await begun(manager, run.run);
  const because = whyNotChange(old, next, { begunSteps, changing: Object.keys(inputs) });
  if (because !== undefined) return { accepted: false, because };
  await rows(manager, 'update runs set plan_hash = $2 where run = $1', [run.run, to]);
  await rows(
    manager,
    `insert into plan_changes (run, number, from_hash, to_hash, changed_by, because)
     select $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5 from plan_changes where run = $1`,
    [run.run, run.plan_hash, to, storableText(verb.by), storableText(reason)],
  );
  await forgetResolved(manager, run.run, begunSteps);
  const asked = await askAgain(manager, run.run, old, next);
  const steps = changedSteps(old, next);
  const data = { from: run.plan_hash, to, because: reason, inputs, steps, gates: asked };
  await appendEvents(manager, run.run, [{ kind: 'plan-changed', data: { ...data, by: verb.by } }]);
  await appendAudit(manager, run.run, [{ kind: 'plan-changed', by: verb.by, data }]);
  return { accepted: true, because: told(to, steps, asked) };
}

/** Steps of which a task has begun in its present turn: it was announced to its host, or has ended. */
async function begun(manager: EntityManager, run: string): Promise<Set<string>> {
  const found = await rows<{ step: string }>(
    manager,
    `select distinct step from tasks where run = $1 and (
       exists (select 1 from intents one where (one.run, one.step, one.host) = (tasks.run, tasks.step, tasks.host)
         and part = 'do' and one.attempt > attempts_before)
       or exists (select 1 from results one where (one.run, one.step, one.host) = (tasks.run, tasks.step, tasks.host)
         and one.attempt > attempts_before and ending not in ('unreachable', 'refused')))`,
    [run],
  );
  return new Set(found.map(({ step }) => step));
}

/** Values that were resolved with the old plan for tasks that never began. */
async function forgetResolved(manager: EntityManager, run: string, begunSteps: ReadonlySet<string>): Promise<void> {
  await rows(manager, 'delete from rendered where run = $1 and step <> all ($2)', [run, [...begunSteps]]);
}

/** Closes the gates of changed phases that are not through, and lets all gates want what the new plan says. */
async function askAgain(manager: EntityManager, run: string, old: Plan, next: Plan): Promise<number[]> {
  const wanted = next.phases.flatMap(({ approval }, phase) => (approval ? [{ phase, votes: approval.votes }] : []));
  await rows(
    manager,
    `update gates set wanted = new.votes from jsonb_to_recordset($2::jsonb) as new (phase integer, votes integer)
     where run = $1 and gates.phase = new.phase`,
    [run, json(wanted)],
  );
  const closed = await rows<{ phase: number }>(
    manager,
    `update gates set asked_at = null, deadline = null, opened_at = null
     where run = $1 and phase = any ($2)
       and phase not in (select phase from finished_phases where run = $1) returning phase`,
    [run, changedPhases(old, next)],
  );
  return closed.map(({ phase }) => phase).sort((a, b) => a - b);
}

function told(to: string, steps: readonly string[], gates: readonly number[]): string {
  const ask = gates.length === 0 ? '' : `; to be approved again: phase ${gates.map((phase) => phase + 1).join(', ')}`;
  return `the plan is ${to.slice(0, 12)} now, with other ${steps.length === 0 ? 'settings' : steps.join(', ')}${ask}`;
}
