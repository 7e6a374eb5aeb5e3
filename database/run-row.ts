import type { EntityManager } from 'typeorm';
import { isFinal, mayBeSent, mayMove } from '../model/moves.js';
import type { RunState } from '../model/states.js';
import type { Value } from '../model/value.js';
import { mustStillBeAsked } from './fence.js';
import { leaveLine } from './lease-queue.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';
import { row, rows, type Reach } from './query.js';
import { IllegalMove, UnknownRun } from './refusals.js';
import { settleOpenTasks } from './settle-open-tasks.js';
import { json } from './storable.js';
import { tellWebhook } from './webhook.js';
import type { RunRow } from './tables/runs.js';

/**
 * Takes the run's lock, under which events, audit and all that decides are written.
 *
 * @throws UnknownRun; what a fence throws (`fence.ts`)
 */
export async function lockRun(manager: EntityManager, run: string): Promise<RunRow> {
  const found = await row<RunRow>(manager, 'select * from runs where run = $1 for no key update', [run]);
  if (!found) throw new UnknownRun(run);
  await mustStillBeAsked();
  return found;
}

/** @throws UnknownRun */
export async function runRow(reach: Reach, run: string): Promise<RunRow> {
  const found = await row<RunRow>(reach, 'select * from runs where run = $1', [run]);
  if (!found) throw new UnknownRun(run);
  return found;
}

/**
 * Moves a run, locked already, on its way: forward, or back where an undo of it is open. Which of the two it goes, and
 * that it leaves an end, is decided by who opens and closes an undo.
 *
 * @throws IllegalMove
 */
export async function sendLocked(
  manager: EntityManager,
  from: RunRow,
  to: RunState,
  data: Readonly<Record<string, Value>>,
): Promise<void> {
  const undo = await row(manager, 'select 1 from undos where run = $1 and ended_at is null', [from.run]);
  if (!mayBeSent(to, data['for'], undo !== undefined)) throw new IllegalMove(from.run, from.state, to);
  await moveLocked(manager, from, to, data);
}

/** Moves a run that is locked already; where it ends, its open tasks are settled. @throws IllegalMove */
export async function moveLocked(
  manager: EntityManager,
  from: RunRow,
  to: RunState,
  data: Readonly<Record<string, Value>>,
): Promise<void> {
  const standing = json(data);
  if (from.state === to && (isFinal(to) || (await saysTheSame(manager, from.run, standing)))) return;
  if (from.state !== to && !mayMove(from.state, to)) throw new IllegalMove(from.run, from.state, to);
  await rows(
    manager,
    `update runs set state = $2, standing = $3, changed_at = clock_timestamp(),
       ended_at = case when $4 then clock_timestamp() end
     where run = $1`,
    [from.run, to, standing, isFinal(to)],
  );
  if (isFinal(to)) await settleOpenTasks(manager, from.run);
  if (isFinal(to)) await leaveLine(manager, from.run);
  const happening = { ...data, from: from.state, to };
  await appendEvents(manager, from.run, [{ kind: 'run-moved', data: happening }]);
  await tellWebhook(manager, from, to, data);
  const by = typeof data['by'] === 'string' ? data['by'] : 'belay';
  await appendAudit(manager, from.run, [{ kind: 'run-moved', by, data: happening }]);
}

async function saysTheSame(manager: EntityManager, run: string, standing: string): Promise<boolean> {
  const same = await row(manager, 'select 1 from runs where run = $1 and standing = $2::jsonb', [run, standing]);
  return same !== undefined;
}
