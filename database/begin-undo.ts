import type { EntityManager } from 'typeorm';
import type { UndoScope } from '../model/record.js';
import type { Database } from './connect.js';
import { waitInLine } from './lease-turns.js';
import { leaveLine } from './lease-queue.js';
import { holdLeases } from './leases.js';
import { row, transaction } from './query.js';
import { RunArchived } from './refusals.js';
import { lockRun, moveLocked } from './run-row.js';
import type { RunRow } from './tables/runs.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';

/**
 * Opens an undo with the leases of all hosts, and sets the run undoing; an undo that is open already is given instead.
 * Where another run has a host, or is before it, the undo waits in line for its leases. A run that has tried nothing
 * needs none.
 *
 * @param scope - what goes back; the whole run where absent
 * @returns its number
 * @throws UnknownRun, IllegalMove, RunArchived
 */
export async function startUndo(db: Database, run: string, by: string, scope?: UndoScope): Promise<number> {
  return transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    return (await openUndo(manager, run)) ?? beginUndo(manager, locked, by, scope);
  });
}

/** The number of the undo that goes on. */
export async function openUndo(manager: EntityManager, run: string): Promise<number | undefined> {
  const open = await row<{ undo: number }>(manager, 'select undo from undos where run = $1 and ended_at is null', [
    run,
  ]);
  return open?.undo;
}

/** As {@link startUndo}, of a run that is locked and has no undo open. @throws IllegalMove, RunArchived */
export async function beginUndo(
  manager: EntityManager,
  locked: RunRow,
  by: string,
  scope?: UndoScope,
): Promise<number> {
  const { run } = locked;
  if (locked.archived_at !== null) throw new RunArchived(run);
  const blocked = (await hasTried(manager, run)) ? await holdLeases(manager, run) : undefined;
  await moveLocked(manager, locked, 'undoing', { by });
  const opened = await row<{ undo: number }>(
    manager,
    `insert into undos (run, undo, started_by, back_to, only_host)
     select $1, coalesce(max(undo), 0) + 1, $2, $3, $4 from undos where run = $1 returning undo`,
    [run, by, scope && 'to' in scope ? scope.to : null, scope && 'host' in scope ? scope.host : null],
  );
  const { undo } = opened!;
  await appendEvents(manager, run, [{ kind: 'undo-started', data: { undo, by, ...scope } }]);
  await appendAudit(manager, run, [{ kind: 'undo-started', by, data: { undo, ...scope } }]);
  if (blocked) await waitInLine(manager, { ...locked, state: 'undoing' }, blocked, { undo, was: locked.state });
  else await leaveLine(manager, run);
  return undo;
}

async function hasTried(manager: EntityManager, run: string): Promise<boolean> {
  return (await row(manager, 'select 1 from tasks where run = $1 and attempt > 0 limit 1', [run])) !== undefined;
}
