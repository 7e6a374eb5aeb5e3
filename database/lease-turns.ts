import type { EntityManager } from 'typeorm';
import { leaseStanding, type Blocked } from '../model/lease-line.js';
import type { RunRecord } from '../model/record.js';
import type { Database } from './connect.js';
import { joinLine, nextInLine } from './lease-queue.js';
import { holdLeases } from './leases.js';
import { canonical } from './digest.js';
import { row, rows, transaction } from './query.js';
import { lockRun, moveLocked } from './run-row.js';
import type { RunRow } from './tables/runs.js';

/** A waiting run whose turn has come, with what finds the workflow that speaks for it. */
export type Turn = Pick<RunRecord, 'run' | 'undo'>;

/** Puts a run, locked already, in line, and says of it for whom it waits. */
export async function waitInLine(
  manager: EntityManager,
  locked: RunRow,
  blocked: Blocked,
  more: Readonly<Record<string, string | number>> = {},
): Promise<void> {
  await joinLine(manager, locked.run);
  // The place counts from now on.
  const now = (await nextInLine(manager, locked.run)) ?? blocked;
  await moveLocked(manager, locked, 'waiting', { for: 'leases', ...more, ...leaseStanding(now) });
}

/**
 * Takes the leases of a run that waits for them, if its turn has come, and lets it go on: forward, or back where an
 * undo of it is open. Doing it twice is harmless.
 *
 * @returns whether the run holds its leases now
 * @throws UnknownRun, IllegalMove
 */
export async function takeTurn(db: Database, run: string): Promise<boolean> {
  return transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    if (locked.leases_since !== null) return true;
    const blocked = await holdLeases(manager, run);
    if (blocked) await waitInLine(manager, locked, blocked, kept(locked));
    else if (await openUndo(manager, run)) await moveLocked(manager, locked, 'undoing', {});
    else await moveLocked(manager, locked, 'running', {});
    return blocked === undefined;
  });
}

/**
 * Brings up to date what the runs in line say of themselves.
 *
 * @returns those whose turn has come, in order; their workflows must be told
 */
export async function reviewLine(db: Database): Promise<Turn[]> {
  const turns: Turn[] = [];
  const waiting = await rows<Pick<RunRow, 'run' | 'standing'> & { undo: number | null }>(
    db,
    `select runs.run, standing, undo from lease_queue join runs using (run)
     left join (select run, undo from undos where ended_at is null) open using (run) order by place`,
  );
  for (const { run, standing, undo } of waiting) {
    const blocked = await nextInLine(db, run);
    if (!blocked) turns.push({ run, ...(undo === null ? {} : { undo: { number: undo, open: true } }) });
    else if (canonical({ ...standing, ...leaseStanding(blocked) }) !== canonical(standing)) await refresh(db, run);
  }
  return turns;
}

async function refresh(db: Database, run: string): Promise<void> {
  await transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    const blocked = await nextInLine(manager, run);
    if (!blocked || !waitsForLeases(locked)) return;
    await moveLocked(manager, locked, 'waiting', { for: 'leases', ...kept(locked), ...leaseStanding(blocked) });
  });
}

export function waitsForLeases({ state, standing }: Pick<RunRow, 'state' | 'standing'>): boolean {
  return state === 'waiting' && standing['for'] === 'leases';
}

async function openUndo(manager: EntityManager, run: string): Promise<boolean> {
  return (await row(manager, 'select 1 from undos where run = $1 and ended_at is null', [run])) !== undefined;
}

/** What an undo that waits says beside: its number, and how the run stood before it was asked for. */
function kept({ standing: { undo, was } }: RunRow): Record<string, string | number> {
  return typeof undo === 'number' && typeof was === 'string' ? { undo, was } : {};
}
