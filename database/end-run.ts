import type { RunState } from '../model/states.js';
import type { Value } from '../model/value.js';
import type { Database } from './connect.js';
import { lockLine } from './lease-queue.js';
import { giveUpLeases } from './leases.js';
import { transaction } from './query.js';
import { restlessTasks } from './restless.js';
import { lockRun, sendLocked } from './run-row.js';

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
    await sendLocked(manager, locked, to, data);
    if ((await restlessTasks(manager, run)).length === 0) await giveUpLeases(manager, run);
  });
}
