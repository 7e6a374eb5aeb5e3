import type { Intent, KeptTransaction, TaskName, TransactionName } from '../model/record.js';
import type { Database } from './connect.js';
import { insertIntents, type Owing } from './intents.js';
import { rows, transaction } from './query.js';
import type { TransactionRow } from './tables/tasks.js';

/**
 * Writes an intent together with the transaction of another database that is about to be committed for it.
 *
 * @throws NotAuthorised, StaleHolder, UnknownRun, UnknownTask
 */
export async function keepTransaction(
  db: Database,
  intent: Intent,
  { cluster, id }: TransactionName,
  owes: readonly Owing[] = [],
): Promise<void> {
  const { run, step, host, part, undo, attempt } = intent;
  await transaction(db, async (manager) => {
    await insertIntents(manager, [intent], owes);
    await rows(
      manager,
      `insert into transactions (run, step, host, part, undo, attempt, cluster, transaction)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
      [run, step, host, part, undo, attempt, cluster, id],
    );
  });
}

/** Those of a task's present turn, oldest first. */
export async function readTransactions(db: Database, { run, step, host }: TaskName): Promise<KeptTransaction[]> {
  const kept = await rows<TransactionRow>(
    db,
    `select part, undo, transactions.attempt, cluster, transaction
     from transactions join tasks using (run, step, host)
     where run = $1 and step = $2 and host = $3 and transactions.attempt > attempts_before order by id`,
    [run, step, host],
  );
  return kept.map(({ transaction: id, ...one }) => ({ ...one, id }));
}
