import { readGate } from '../../database/gates.js';
import { readPlan } from '../../database/plans.js';
import { readTroubles } from '../../database/trouble.js';
import { findRun, readRun as readRow } from '../../database/runs.js';
import type { ApprovalAnswer, RunAnswer } from '../../model/answers.js';
import { isFinal } from '../../model/moves.js';
import type { RunRecord } from '../../model/record.js';
import type { Records } from './records.js';

/** @param prefix - the run's name, or the beginning of it if no other run begins like that */
export async function readRun(records: Records, prefix: string): Promise<RunAnswer> {
  const run = await readRow(records.database, await findRun(records.database, prefix));
  const approval = await awaited(records, run);
  const troubles = isFinal(run.state) ? [] : [...(await readTroubles(records.database, run.run)).values()];
  return {
    ...run,
    ...(approval !== undefined && { approval }),
    ...(troubles.length > 0 && { tryingAgain: troubles }),
  };
}

/** The approval that the run waits for, from the plan and from how its gate stands now. */
async function awaited({ database }: Records, run: RunRecord): Promise<ApprovalAnswer | undefined> {
  const phase = run.standing['phase'];
  if (run.state !== 'waiting' || run.standing['for'] !== 'approval' || typeof phase !== 'number') return undefined;
  const planned = (await readPlan(database, run.planHash)).phases[phase];
  if (planned?.approval === undefined) return undefined;
  const { votes, wanted, deadline } = await readGate(database, run.run, phase);
  return {
    phase,
    name: planned.name,
    ask: planned.approval.ask,
    groups: planned.approval.groups,
    votes,
    wanted,
    ...(deadline !== undefined && { deadline }),
  };
}
