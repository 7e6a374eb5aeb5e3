import type { Failure } from '../../model/failure.js';
import type { KeptTransaction } from '../../model/record.js';
import { awayUndoIntent, type AwayBack } from '../../model/task/away.js';
import { openConnection, type Connection } from './connection.js';
import { failed, outcomeUnknown, stale, type Trying } from './failures.js';
import type { SqlNeeds, SqlUndo } from './needs.js';
import { readyOperation, type ReadyOperation } from './ready-operation.js';
import { settle, settleAll } from './settle.js';
import { begin, carryOut, commit, isFailed, isSo } from './transaction.js';

/** One undo of one task, with its values filled in. */
interface Going extends Trying {
  readonly needs: SqlNeeds;
  readonly number: number;
  readonly undo: SqlUndo;
  readonly ready: ReadyOperation;
  readonly attempt: number;
}

/** Takes a step back by its undo statements, once: the records say which transactions may have been committed. */
export async function takeBack(needs: SqlNeeds, number: number, undo: SqlUndo): Promise<AwayBack> {
  const { name, step, work } = undo;
  try {
    const values = await needs.values(name, work.operation);
    const trying = { tried: `to undo ${step.name} (${name.step}) for ${name.host}`, secrets: values.secrets };
    const ready = readyOperation(work.operation, values, trying);
    if (!ready.undo) return { outcome: 'undone', idle: true, summary: 'by the plan it changed nothing' };
    return await fromRecords(needs, number, undo, ready, trying);
  } catch (error) {
    if (!isFailed(error)) throw error;
    const { kind } = error.failure;
    // Another try would come to the same: what is there is not what this step left.
    if (kind === 'sql/unexpected') return withFailure('decide', { ...error.failure, kind: 'undo/changed-since' });
    return withFailure('undo_failed', error.failure);
  }
}

async function fromRecords(
  needs: SqlNeeds,
  number: number,
  undo: SqlUndo,
  ready: ReadyOperation,
  trying: Trying,
): Promise<AwayBack> {
  const { name } = undo;
  const kept = await needs.readTransactions(name);
  const became = async (part: 'do' | 'undo'): ReturnType<typeof settleAll> =>
    settleAll(needs, name, ready.server, partOf(kept, part), trying);
  const done = await became('do');
  if (done === 'rolled-back') return { outcome: 'undone', idle: true, summary: 'its transaction was never committed' };
  if (done !== 'committed') return withFailure('decide', outcomeUnknown(trying, done.unknown));
  const back = await became('undo');
  if (back === 'committed') return { outcome: 'undone', summary: 'it had been taken back already' };
  if (back !== 'rolled-back') return withFailure('decide', outcomeUnknown(trying, back.unknown));
  const attempt = Math.max(...partOf(kept, 'do').map((one) => one.attempt));
  return inTransaction({ needs, number, undo, ready, attempt, ...trying });
}

function partOf(kept: readonly KeptTransaction[], part: 'do' | 'undo'): KeptTransaction[] {
  return kept.filter((one) => one.part === part);
}

async function inTransaction(going: Going): Promise<AwayBack> {
  const { needs, undo, ready } = going;
  const stop = AbortSignal.timeout(undo.step.seconds * 1000);
  const connection = await openConnection(needs, undo.name, ready.server, going, stop);
  try {
    return await goBack(going, connection);
  } finally {
    connection.close();
  }
}

async function goBack(going: Going, connection: Connection): Promise<AwayBack> {
  const { needs, number, undo, ready, attempt } = going;
  const { name, holder } = undo;
  const transaction = await begin(connection, ready.server, going);
  await carryOut(connection, ready.undo ?? [], going);
  if (ready.check && (await isSo(connection, ready.check, going))) throw notBack(going);
  await needs.keepTransaction(awayUndoIntent({ name, attempt, holder }, number), transaction);
  if (!(await needs.holds(name, holder))) throw stale(going);
  const answer = await commit(connection);
  const settled = typeof answer === 'string' ? answer : await settle(needs, name, ready.server, transaction, going);
  if (settled === 'committed') return { outcome: 'undone', summary: 'taken back by its undo statements' };
  if (settled !== 'rolled-back') return withFailure('decide', outcomeUnknown(going, settled.unknown));
  const known = 'the server rolled the transaction back when it was to be committed; nothing was changed by this undo';
  throw failed('sql/refused', going, known, 'put it right and `retry`, or leave it with `skip`');
}

function notBack(going: Going): Error {
  const known = 'the undo statements ran, but the check shows that it is still so; they were rolled back';
  return failed('undo/not-restored', going, known, 'put it right and `retry`, or leave it with `skip`');
}

function withFailure(outcome: 'decide' | 'undo_failed', failure: Failure): AwayBack {
  return { outcome, failure, summary: failure.known };
}
