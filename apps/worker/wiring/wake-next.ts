import type { Client } from '@temporalio/client';
import { roomTurns } from '../../../database/budget.js';
import type { Database } from '../../../database/connect.js';
import { reviewLine } from '../../../database/lease-turns.js';
import { speaker, wakeSignal } from '../../../workflows/messages.js';

/** Tells the runs whose turn has come. Whom this cannot reach, the sweep tells, and nothing waits for it here. */
export async function wakeNext(db: Database, client: Client): Promise<void> {
  const found = await Promise.allSettled([reviewLine(db), roomTurns(db)]);
  const turns = found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  await Promise.allSettled(turns.map(async (turn) => client.workflow.getHandle(speaker(turn)).signal(wakeSignal)));
}
