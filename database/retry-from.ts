import type { EntityManager } from 'typeorm';
import type { VerbOutcome, VerbRecord } from '../model/record.js';
import { waitsForDecision } from '../model/task/rounds.js';
import { readExcluded } from './excluded-hosts.js';
import { readPlan } from './plans.js';
import type { RunRow } from './tables/runs.js';
import type { TaskRow } from './tables/tasks.js';
import { reopenLocked, taskRows } from './tasks.js';

/** The wave at which the run stands that somebody has spoken about. */
export interface StandingWave {
  readonly phase: number;
  readonly wave: number;
}

/** Done, or tried: what a retry from a step does again. */
const triedStates = ['ok', 'changed', 'failed', 'unreachable', 'unknown', 'skipped', 'undo_failed'] as const;

/** A step of the wave and all later ones again, also where they went well, on the hosts that the word names. */
export async function retryFrom(
  manager: EntityManager,
  run: RunRow,
  { phase, wave }: StandingWave,
  { arguments: { host, only }, by }: VerbRecord,
  from: string,
): Promise<VerbOutcome> {
  const planned = (await readPlan(manager, run.plan_hash)).phases[phase];
  const first = planned?.steps.findIndex((step) => step.id === from) ?? -1;
  if (!planned || first === -1)
    return refused(`${from} is no step of phase ${phase + 1}, at which the run stands; undo goes back further`);
  const tasks = await taskRows(manager, 'run = $1 and phase = $2 and wave = $3', [run.run, phase, wave]);
  const out = (await readExcluded(manager, run.run)).map((one) => one.host);
  const hosts = [...new Set(tasks.map((task) => task.host))].filter(
    (name) => (host ?? name) === name && (only === undefined || fails(tasks, name)) && !out.includes(name),
  );
  if (hosts.length === 0) return refused(nobody(host, only, out));
  const again = tasks.filter((task) => hosts.includes(task.host) && task.position >= first && wasTried(task));
  const before = tasks.find((task) => hosts.includes(task.host) && task.position < first && isOwed(task));
  if (before) return refused(`${before.host} has not come to ${from}: ${before.step} is ${before.state} there`);
  if (again.length === 0) return refused(`nothing has been tried from ${from} on; resume goes on with it`);
  await reopenLocked(manager, run.run, again, triedStates, by);
  const blind = planned.steps.filter(
    (step) => !step.repeatable && again.some((task) => task.step === step.id && mayHaveActed(task)),
  );
  return { accepted: true, because: `${counted(again.length)} from ${from} on to be done again${warning(blind)}` };
}

function refused(because: string): VerbOutcome {
  return { accepted: false, because };
}

function fails(tasks: readonly TaskRow[], host: string): boolean {
  return tasks.some((task) => task.host === host && waitsForDecision(task.state));
}

function nobody(host: string | undefined, only: string | undefined, out: readonly string[]): string {
  if (host === undefined)
    return only === undefined ? 'every host of this wave is excluded' : 'no host of this wave has failed';
  if (out.includes(host)) return `${host} is excluded`;
  return only === undefined ? `${host} is not in this wave` : `nothing has failed on ${host}`;
}

function wasTried(task: TaskRow): boolean {
  return task.attempt > task.attempts_before && triedStates.some((state) => state === task.state);
}

/** A step before the one that was named, which the host has yet to do or somebody has yet to decide about. */
function isOwed({ state }: TaskRow): boolean {
  return state === 'pending' || state === 'running' || waitsForDecision(state);
}

function mayHaveActed({ state }: TaskRow): boolean {
  return state !== 'ok' && state !== 'unreachable' && state !== 'skipped';
}

function counted(tasks: number): string {
  return tasks === 1 ? '1 task' : `${tasks} tasks`;
}

/** Where something has acted, its next attempt looks at nothing before it acts again. */
function warning(blind: readonly { readonly id: string }[]): string {
  if (blind.length === 0) return '';
  return `; not declared repeatable, and done again without looking first: ${blind.map((step) => step.id).join(', ')}`;
}
