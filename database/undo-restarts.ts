import type { Database } from './connect.js';
import { mustHoldLeases, takeHolders } from './holders.js';
import { rows, transaction } from './query.js';
import { lockRun } from './run-row.js';
import type { TaskRow } from './tables/tasks.js';
import { mustBeUndoing } from './undo-row.js';

/**
 * Takes a holder number for the machine of each host, to restart what runs there once what it reads is back. The tasks
 * that know how to restart it stand as they did: their steps may not be undone themselves.
 *
 * @throws NotAuthorised where the run is not undoing, lacks a lease, or this undo is closed; UnknownRun, UnknownUndo
 */
export async function beginRestarts(
  db: Database,
  run: string,
  undo: number,
  hosts: readonly string[],
): Promise<{ readonly host: string; readonly holder: number }[]> {
  if (hosts.length === 0) return [];
  return transaction(db, async (manager) => {
    await mustBeUndoing(manager, await lockRun(manager, run), undo);
    const tasks = await rows<TaskRow>(
      manager,
      'select distinct on (host) * from tasks where run = $1 and host = any ($2) order by host',
      [run, hosts],
    );
    await mustHoldLeases(manager, run, tasks);
    const holders = await takeHolders(manager, tasks);
    return tasks.map(({ host, machine }) => ({ host, holder: holders.get(machine) ?? 0 }));
  });
}
