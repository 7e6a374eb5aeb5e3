import { setTimeout as sleep } from 'node:timers/promises';
import { Failed } from '../../model/failure.js';
import type { TaskName, TransactionName } from '../../model/record.js';
import { openConnection } from './connection.js';
import { serverError, whyOf, type Trying } from './failures.js';
import type { SqlNeeds } from './needs.js';
import type { ReadyServer } from './ready-operation.js';
import { cluster } from './transaction.js';

/** What became of a transaction. */
export type Settled = 'committed' | 'rolled-back' | { readonly unknown: string };

/** Asks the server what became of a transaction, until it has ended or the time for that is over. */
export async function settle(
  needs: SqlNeeds,
  task: TaskName,
  server: ReadyServer,
  transaction: TransactionName,
  trying: Trying,
): Promise<Settled> {
  const stop = AbortSignal.timeout(needs.limits.outcome);
  for (let wait = 100; ; wait = Math.min(wait * 2, 5000)) {
    const status = await ask(needs, task, server, transaction, trying, stop);
    if (status === 'committed' || status === 'rolled-back') return status;
    if (status.final || stop.aborted) return { unknown: status.why };
    await sleep(wait, undefined, { signal: stop }).catch(() => undefined);
  }
}

type Status = 'committed' | 'rolled-back' | { readonly why: string; readonly final: boolean };

async function ask(
  needs: SqlNeeds,
  task: TaskName,
  server: ReadyServer,
  { cluster: of, id }: TransactionName,
  trying: Trying,
  stop: AbortSignal,
): Promise<Status> {
  let connection;
  try {
    connection = await openConnection(needs, task, server, trying, stop);
    const [[now] = []] = (await connection.ask({ text: cluster, parameters: [], rows: [[]] })).rows;
    if (now !== of) return { why: 'another server, or another timeline of it, answers now', final: true };
    const text = 'select pg_xact_status($1::xid8)';
    const [[status] = []] = (await connection.ask({ text, parameters: [id], rows: [[]] })).rows;
    if (status === 'committed') return status;
    if (status === 'aborted') return 'rolled-back';
    if (status === 'in progress') return { why: 'the server is still at it', final: false };
    return { why: 'the server does not remember its transaction any more', final: true };
  } catch (error) {
    const said = serverError(error);
    if (said) return { why: `the server answered SQLSTATE ${said.code}`, final: said.code === '22023' };
    return { why: error instanceof Failed ? error.failure.known : whyOf(error), final: false };
  } finally {
    connection?.close();
  }
}

/** What became of several that were to do the same: committed where one of them was, unknown where one may have been. */
export async function settleAll(
  needs: SqlNeeds,
  task: TaskName,
  server: ReadyServer,
  transactions: readonly TransactionName[],
  trying: Trying,
): Promise<Settled> {
  let all: Settled = 'rolled-back';
  for (const one of transactions) {
    const settled = await settle(needs, task, server, one, trying);
    if (settled === 'committed') return settled;
    if (settled !== 'rolled-back') all = settled;
  }
  return all;
}
