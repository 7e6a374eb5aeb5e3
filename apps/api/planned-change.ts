import { readPlan, readSources } from '../../database/plans.js';
import { readRun } from '../../database/runs.js';
import type { Plan } from '../../model/plan.js';
import type { VerbArguments } from '../../model/record.js';
import { keepPlan } from './make-plan.js';
import { Problem } from './problem.js';
import type { Records } from './records.js';

/**
 * Compiles what a run was planned from, with other values for some parameters and the same versions of secrets. Whether
 * the run may go on with that plan is decided when the word is obeyed.
 *
 * @returns the word, with the hash of that plan
 * @throws Problem `plan/findings`; `run/verb-refused` where the plan was kept without its sources
 */
export async function plannedChange({ database }: Records, run: string, said: VerbArguments): Promise<VerbArguments> {
  const { planHash } = await readRun(database, run);
  const sources = await readSources(database, planHash);
  if (!sources)
    throw new Problem('run/verb-refused', 'its plan was kept without what it was made from; start a new run');
  const files = new Map(Object.entries(sources.files).map(([name, bytes]) => [name, Buffer.from(bytes, 'base64')]));
  const inputs = { ...sources.inputs, ...said.inputs };
  const versions = versionsOf(await readPlan(database, planHash));
  const { hash } = await keepPlan(database, { ...sources, files, inputs }, versions);
  return { ...said, planHash: hash };
}

/** The versions of stored secrets that a plan is pinned to. */
function versionsOf(plan: Plan): ReadonlyMap<string, number> {
  const keys = Object.values(plan.hosts).flatMap(({ key }) =>
    'secret' in key ? [[key.secret, key.version] as const] : [],
  );
  const declared = Object.values(plan.secrets).flatMap((one) =>
    'stored' in one
      ? [[one.stored, one.version] as const]
      : one.next
        ? [[one.next.stored, one.next.after] as const]
        : [],
  );
  return new Map([...keys, ...declared]);
}
