import { Failed } from '../../model/failure.js';
import type { TransactionName } from '../../model/record.js';
import { isTransactionControl } from '../../model/sql-rules.js';
import type { Answer, Connection } from './connection.js';
import { connectionLost, failed, refusedByServer, serverError, unexpected, whyOf, type Trying } from './failures.js';
import type { ReadyServer, ReadyStatement } from './ready-operation.js';

/** Milliseconds for which a transaction that nobody goes on with keeps its locks. */
const idle = 60_000;

/**
 * A commit is to outlast a crash, whatever the server does by itself; and a server looks whether we are still there
 * where it can (PostgreSQL 14). All of it is for this transaction alone, so that nothing between spreads it.
 */
const settings = `select set_config(name, wanted, true) from (values
    ('statement_timeout', $1), ('lock_timeout', $2), ('idle_in_transaction_session_timeout', $3),
    ('client_connection_check_interval', '2000'),
    ('synchronous_commit', case current_setting('synchronous_commit') when 'off' then 'local' end)
  ) as ours (name, wanted) join pg_settings using (name) where wanted is not null`;

/** Where a transaction can be asked for later: its cluster with the timeline, and its id. */
const names = `select system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
    pg_current_xact_id()::text from pg_control_system()`;

export const cluster = `select system_identifier::text || '/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
  from pg_control_system()`;

/**
 * Opens a transaction that has a name.
 *
 * @throws Failed; nothing was changed
 */
export async function begin(connection: Connection, { limits }: ReadyServer, trying: Trying): Promise<TransactionName> {
  const own = async (text: string, parameters: readonly string[] = []): Promise<Answer> =>
    told(connection, { text, parameters, rows: [] }, 'opening a transaction', trying);
  await own('begin');
  await own(settings, [`${limits.statement * 1000}`, `${limits.lock * 1000}`, `${idle}`]);
  const [[of, id] = []] = (await own(names)).rows;
  if (typeof of !== 'string' || typeof id !== 'string') throw new Error('the server gave no name for a transaction');
  return { cluster: of, id };
}

/** Opens a transaction in which nothing can be changed. @throws Failed */
export async function lookOnly(connection: Connection, { limits }: ReadyServer, trying: Trying): Promise<void> {
  const what = 'opening a transaction that only reads';
  await told(connection, { text: 'begin read only', parameters: [], rows: [] }, what, trying);
  const parameters = [`${limits.statement * 1000}`, `${limits.lock * 1000}`, `${idle}`];
  await told(connection, { text: settings, parameters, rows: [] }, what, trying);
}

/** Whether it is so, as the transaction sees it. @throws Failed; nothing was changed */
export async function isSo(connection: Connection, check: ReadyStatement, trying: Trying): Promise<boolean> {
  const answer = await told(connection, check, 'the check', trying);
  return answer.rows.length === 1 && answer.rows[0]?.length === 1 && answer.rows[0][0] === 't';
}

/** Runs statements, and holds each to what is expected of it. @throws Failed; nothing was changed */
export async function carryOut(
  connection: Connection,
  statements: readonly ReadyStatement[],
  trying: Trying,
): Promise<void> {
  for (const [index, statement] of statements.entries()) {
    const what = `statement ${index + 1} of ${statements.length}`;
    const answer = await told(connection, statement, what, trying);
    // The compiler lets none through; where one got here all the same, nobody can say what stands.
    if (isTransactionControl(answer.command))
      throw failed('step/outcome-unknown', trying, `${what} ended the transaction`, lookAt);
    const problem = problemOf(statement, answer);
    if (problem !== undefined) throw unexpected(trying, what, problem);
  }
}

const lookAt = 'look at the database';

async function told(
  connection: Connection,
  statement: Pick<ReadyStatement, 'text' | 'parameters' | 'rows'>,
  what: string,
  trying: Trying,
): Promise<Answer> {
  try {
    return await connection.ask(statement);
  } catch (error) {
    const said = serverError(error);
    throw said ? refusedByServer(trying, what, said) : connectionLost(trying, whyOf(error));
  }
}

/** What is not as expected. It tells counts and places, never values. */
function problemOf({ affected, rows }: ReadyStatement, answer: Answer): string | undefined {
  const { count } = answer;
  if (affected && (count < affected.min || count > (affected.max ?? Infinity)))
    return `came to ${count} ${count === 1 ? 'row' : 'rows'}, and ${range(affected)} expected`;
  if (!rows) return undefined;
  if (count !== rows.length) return `gave ${count} ${count === 1 ? 'row' : 'rows'}, and ${rows.length} are expected`;
  for (const [at, row] of rows.entries()) {
    const there = answer.rows[at] ?? [];
    if (there.length !== row.length) return `gave ${there.length} columns, and ${row.length} are expected`;
    const column = row.findIndex((value, index) => value !== there[index]);
    if (column !== -1) return `gave another value than is expected in row ${at + 1}, column ${column + 1}`;
  }
  return undefined;
}

function range({ min, max }: NonNullable<ReadyStatement['affected']>): string {
  if (min === max) return `${min} ${min === 1 ? 'is' : 'are'}`;
  return max === undefined ? `at least ${min} are` : `${min} to ${max} are`;
}

/** What the answer to COMMIT says. `lost`: there was none, and only the transaction's name can tell. */
export async function commit(connection: Connection): Promise<'committed' | 'rolled-back' | { lost: string }> {
  try {
    const { command } = await connection.ask({ text: 'commit', parameters: [] });
    return command === 'COMMIT' ? 'committed' : 'rolled-back';
  } catch (error) {
    // Even an error that the server tells: some come once the transaction is committed.
    const said = serverError(error);
    return { lost: said ? `SQLSTATE ${said.code}` : whyOf(error) };
  }
}

export function isFailed(error: unknown): error is Failed {
  return error instanceof Failed && error.failure.kind !== 'host/stale-holder';
}
