import type { EntityManager } from 'typeorm';
import type { RunState } from '../model/states.js';
import { restlessStates } from '../model/task/rounds.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';
import { lockLine } from './lease-queue.js';
import { giveUpLeases } from './leases.js';
import { row, transaction } from './query.js';
import { lockRun, moveLocked } from './run-row.js';

/**
 * Moves a run to its end and gives its leases up in the same transaction: whoever sees that it has ended finds its
 * machines free. Where something of it may still go on, it keeps them until its hosts are quiet. Doing it twice is
 * harmless.
 *
 * @param to - a final state
 * @throws UnknownRun, IllegalMove
 */
export async function endRun(
  db: Database,
  run: string,
  to: RunState,
  data: Readonly<Record<string, Value>> = {},
): Promise<void> {
  await transaction(db, async (manager) => {
    const locked = await lockRun(manager, run);
    // Before the move, which locks the audit chain: whoever takes leases locks these two in this order.
    await lockLine(manager);
    await moveLocked(manager, locked, to, data);
    if (!(await isRestless(manager, run))) await giveUpLeases(manager, run);
  });
}

async function isRestless(manager: EntityManager, run: string): Promise<boolean> {
  const restless = 'select 1 from tasks where run = $1 and state = any ($2) limit 1';
  return (await row(manager, restless, [run, restlessStates])) !== undefined;
}
