import { openRuns, type OpenRun } from '../../database/open-runs.js';
import { moveRun } from '../../database/runs.js';
import { finishUndo } from '../../database/undo.js';
import type { Records } from './records.js';
import type { Verdict } from './workflows.js';

/**
 * Copies Temporal's verdict where a run's row is open but its workflow is not: the run becomes `failed`, or its undo
 * `undo_incomplete`. It decides nothing new, and it gives up no lease: hosts must be quiet first.
 *
 * @param seen - the row as it was before Temporal was asked; where it has moved since, nothing is done
 * @returns whether the run was closed
 */
export async function closeLostRun(records: Records, seen: OpenRun, verdict: Verdict): Promise<boolean> {
  const now = (await openRuns(records.database)).find((run) => run.run === seen.run);
  if (now === undefined || now.changedAt !== seen.changedAt || now.undo !== seen.undo) return false;
  if (now.undo !== undefined) await finishUndo(records.database, now.run, now.undo, 'undo_incomplete');
  else
    await moveRun(records.database, now.run, 'failed', { by: 'Temporal', because: because(verdict), kind: 'run/lost' });
  return true;
}

function because(verdict: Verdict): string {
  if (verdict === 'FORGOTTEN') return 'lost: Temporal knows nothing of this run any more';
  if (verdict === 'TERMINATED') return 'terminated from Temporal’s side';
  return `lost: its workflow has ended on Temporal’s side (${verdict.toLowerCase().replaceAll('_', ' ')})`;
}
