import { obeyEnded } from '../../database/obey-ended.js';
import { readRun } from '../../database/runs.js';
import { markDelivered, readVerb } from '../../database/verbs.js';
import { isFinal } from '../../model/moves.js';
import type { VerbRecord } from '../../model/record.js';
import { speaker } from '../../workflows/messages.js';
import type { Records } from './records.js';
import type { Workflows } from './workflows.js';

/**
 * Brings a committed verb to the workflow that speaks for the run; at most one is open, `runbook` or `undo`. A run
 * that has ended has none: then `undo` begins one, and every other verb is refused.
 *
 * Twice is harmless. Where no workflow takes it although the run is open, it stays undelivered for the sweep.
 */
export async function deliverVerb(records: Records, workflows: Workflows, verb: VerbRecord): Promise<void> {
  const { database } = records;
  if ((await readVerb(database, verb.id)).outcome) return;
  const run = await readRun(database, verb.run);
  if (isFinal(run.state)) return atTheEnd(records, workflows, verb);
  if ((await workflows.nudge(speaker(run), verb.id)) === 'accepted') return markDelivered(database, verb.id);
  if (isFinal((await readRun(database, verb.run)).state)) return atTheEnd(records, workflows, verb);
}

/** An undo that has begun and is not started here, because of a crash, is started by the sweep. */
async function atTheEnd({ database }: Records, workflows: Workflows, { id, run, by }: VerbRecord): Promise<void> {
  const undo = await obeyEnded(database, id);
  if (undo !== undefined) await workflows.startUndo(run, undo, `undo of ${run}, asked for by ${by}`);
}
