import { awayIntent, mayHaveChanged, type AwayOutcome } from '../../model/task/away.js';
import { Failed } from '../../model/failure.js';
import { openConnection, type Connection } from './connection.js';
import { cancelled, failed, nothingEnding, outcomeUnknown, stale, withFailure, type Trying } from './failures.js';
import type { SqlAttempt, SqlNeeds } from './needs.js';
import { readyOperation, type ReadyOperation } from './ready-operation.js';
import { settle, settleAll } from './settle.js';
import { begin, carryOut, commit, isFailed, isSo } from './transaction.js';

/** One attempt, with its values filled in. */
interface Running extends Trying {
  readonly needs: SqlNeeds;
  readonly attempt: SqlAttempt;
  readonly ready: ReadyOperation;
}

/** One attempt, from wherever the records say that it stands. */
export async function runStatements(needs: SqlNeeds, attempt: SqlAttempt): Promise<AwayOutcome> {
  const { name, step, work } = attempt;
  const tried = `${step.name} (${name.step}) for ${name.host}, attempt ${attempt.attempt}`;
  const earlier = (await needs.readTransactions(name)).filter(({ part }) => part === 'do');
  const open = earlier.length > 0 || mayHaveChanged(work.intents);
  let settled = !open;
  try {
    const values = await needs.values(name, work.operation);
    if (!values.when && !open) return { ending: 'skipped', summary: 'its `when` does not hold' };
    const trying = { tried, secrets: values.secrets };
    const running = { needs, attempt, ready: readyOperation(work.operation, values, trying), ...trying };
    if (open) {
      const before = await settleAll(needs, name, running.ready.server, earlier, running);
      if (before === 'committed')
        return { ending: 'done', summary: 'committed before; found so when it was taken up again' };
      if (before !== 'rolled-back' && !step.repeatable)
        return withFailure('unknown', outcomeUnknown(running, before.unknown));
      settled = before === 'rolled-back';
    }
    return await inTransaction(running);
  } catch (error) {
    if (!isFailed(error)) throw error;
    const unknown = !settled || error.failure.kind === 'step/outcome-unknown';
    return withFailure(unknown ? 'unknown' : nothingEnding(error.failure), error.failure);
  }
}

/** Opens a connection, and rolls back whatever is not committed when it leaves. */
async function inTransaction(running: Running): Promise<AwayOutcome> {
  const { needs, attempt, ready } = running;
  const { signal, late, end } = stopOf(needs, attempt);
  let connection: Connection | undefined;
  try {
    if (attempt.cancelled.aborted) throw cancelled(running);
    connection = await openConnection(needs, attempt.name, ready.server, running, signal);
    return await run(running, connection);
  } catch (error) {
    if (!isFailed(error) || !signal.aborted) throw error;
    throw late() ? timedOut(running) : cancelled(running);
  } finally {
    end();
    connection?.close();
  }
}

function timedOut(running: Running): Failed {
  const known = 'it was not through in time; its transaction was rolled back, and nothing was changed';
  return failed('step/timed-out', running, known, 'see what it waits for, or give it more time, then retry');
}

/** Ends what runs at the step's time limit, and some time after a cancel. */
function stopOf(
  { limits }: SqlNeeds,
  { step, cancelled: asked }: SqlAttempt,
): { signal: AbortSignal; late: () => boolean; end: () => void } {
  const [stop, limit] = [new AbortController(), AbortSignal.timeout(step.seconds * 1000)];
  let timer: NodeJS.Timeout | undefined;
  const afterGrace = (): void => void (timer = setTimeout(() => stop.abort(), limits.grace));
  asked.addEventListener('abort', afterGrace, { once: true });
  const end = (): void => {
    asked.removeEventListener('abort', afterGrace);
    clearTimeout(timer);
  };
  return { signal: AbortSignal.any([stop.signal, limit]), late: () => limit.aborted, end };
}

/** Check, run, expect, announce, commit, and find out. */
async function run(running: Running, connection: Connection): Promise<AwayOutcome> {
  const { needs, attempt, ready } = running;
  const transaction = await begin(connection, ready.server, running);
  if (ready.check && (await isSo(connection, ready.check, running))) return { ending: 'ok', summary: 'already so' };
  await carryOut(connection, ready.statements, running);
  if (ready.check && !(await isSo(connection, ready.check, running))) throw notVerified(running);
  if (attempt.cancelled.aborted) throw cancelled(running);
  await needs.keepTransaction(awayIntent(attempt), transaction);
  if (!(await needs.holds(attempt.name, attempt.holder))) throw stale(running);
  const answer = await commit(connection);
  const settled =
    typeof answer === 'string' ? answer : await settle(needs, attempt.name, ready.server, transaction, running);
  const lost = typeof answer === 'string' ? '' : answer.lost;
  if (settled === 'committed') return { ending: 'done', summary: doneWords(ready, lost) };
  if (settled === 'rolled-back') return withFailure('refused', notCommitted(running, lost).failure);
  const why = `the answer to COMMIT was lost (${lost}), and ${settled.unknown}`;
  return withFailure('unknown', outcomeUnknown(running, why));
}

function doneWords({ statements, check }: ReadyOperation, lost: string): string {
  const count = `${statements.length} ${statements.length === 1 ? 'statement' : 'statements'}`;
  const proof = check ? ', and the check showed it' : '';
  const asked = lost === '' ? '' : `; the answer to COMMIT was lost (${lost}), and the server says that it is so`;
  return `committed ${count}${proof}${asked}`;
}

function notVerified(running: Running): Failed {
  const known =
    'the statements came out as expected, but the check did not show it; the transaction was rolled back, and nothing was changed';
  return failed('step/verify-failed', running, known, 'correct statements or check, then retry');
}

function notCommitted(running: Running, lost: string): Failed {
  const why = lost === '' ? '' : ` (${lost})`;
  const known = `the server rolled the transaction back when it was to be committed${why}; nothing was changed`;
  return failed('sql/refused', running, known, 'put it right, then retry');
}
