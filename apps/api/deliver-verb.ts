import { RunArchived } from '../../database/refusals.js';
import { readRun } from '../../database/runs.js';
import { startUndo } from '../../database/undo.js';
import { markDelivered, settleVerb } from '../../database/verbs.js';
import { isFinal } from '../../model/moves.js';
import type { RunRecord, VerbRecord } from '../../model/record.js';
import { whyNot, type VerbState } from '../../model/verb-moves.js';
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
  const run = await readRun(database, verb.run);
  if (isFinal(run.state)) return atTheEnd(records, workflows, verb, run);
  if ((await workflows.nudge(speaker(run), verb.id)) === 'accepted') return markDelivered(database, verb.id);
  const now = await readRun(database, verb.run);
  if (isFinal(now.state)) return atTheEnd(records, workflows, verb, now);
}

async function atTheEnd(records: Records, workflows: Workflows, verb: VerbRecord, run: RunRecord): Promise<void> {
  const refused = whyNot(verb.verb, run.state as VerbState) ?? ended(verb, run);
  if (refused !== undefined) {
    await settleVerb(records.database, verb.id, { accepted: false, because: refused });
    return;
  }
  const undo = await startUndo(records.database, run.run, verb.by).catch((error: unknown) => {
    if (error instanceof RunArchived) return error;
    throw error;
  });
  if (typeof undo !== 'number') {
    await settleVerb(records.database, verb.id, { accepted: false, because: undo.message });
    return;
  }
  await workflows.startUndo(run.run, undo, `undo of ${run.run}, asked for by ${verb.by}`);
  const { state, standing } = await readRun(records.database, run.run);
  const waits = state === 'waiting' && standing['for'] === 'leases';
  const because = `undo ${undo} ${waits ? String(standing['because']) : 'has begun'}`;
  await settleVerb(records.database, verb.id, { accepted: true, because });
}

function ended(verb: VerbRecord, run: RunRecord): string | undefined {
  return verb.verb === 'undo' ? undefined : `the run has ended (${run.state})`;
}
