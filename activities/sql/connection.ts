import type { Duplex } from 'node:stream';
import pg from 'pg';
import { Failed, type FailureKind } from '../../model/failure.js';
import type { TaskName } from '../../model/record.js';
import { failed, nothingChanged, serverError, whyOf, type Trying } from './failures.js';
import type { SqlNeeds } from './needs.js';
import type { ReadyServer, ReadyStatement } from './ready-operation.js';
import { asSocket, secured, Untrusted } from './secured.js';

/** What one statement came to. Values are texts, as Postgres prints them. */
export interface Answer {
  /** The command tag's first word, such as `INSERT`. */
  readonly command: string;
  /** Rows that were changed, or given. */
  readonly count: number;
  /** Not more than were asked for, and one. */
  readonly rows: readonly (readonly (string | null)[])[];
}

/** One connection to a database, through a host. */
export interface Connection {
  /** Runs one statement. @throws what the server says, or that the connection is lost */
  ask(statement: Pick<ReadyStatement, 'text' | 'parameters' | 'rows'>): Promise<Answer>;
  /** Whatever is not committed is rolled back. */
  close(): void;
}

/** Leaves every value as the text that the server sent. */
const asTexts = { getTypeParser: () => (value: string) => value };

/**
 * A connection that is logged in. Nothing is asked yet, so a failure here means that surely nothing was done.
 *
 * @param stop - ends the connection, whatever is under way
 * @throws Failed
 */
export async function openConnection(
  needs: Pick<SqlNeeds, 'way' | 'limits'>,
  task: TaskName,
  server: ReadyServer,
  trying: Trying,
  stop: AbortSignal,
): Promise<Connection> {
  const late = AbortSignal.any([AbortSignal.timeout(needs.limits.connect), stop]);
  const stream = await unlessAborted(late, needs.way(task, server.place), trying);
  stream.on('error', () => undefined);
  const end = (): void => void stream.destroy();
  let client: pg.Client;
  try {
    client = await unlessAborted(late, logIn(stream, server), trying);
  } catch (error) {
    end();
    throw error instanceof Failed ? error : noLogin(error, server, trying);
  }
  if (stop.aborted) end();
  else stop.addEventListener('abort', end, { once: true });
  return {
    ask: async (statement) => ask(client, statement),
    close: () => {
      stop.removeEventListener('abort', end);
      client
        .end()
        .catch(() => undefined)
        .finally(end);
      setTimeout(end, 1000).unref();
    },
  };
}

async function logIn(stream: Duplex, server: ReadyServer): Promise<pg.Client> {
  const safe = server.tls ? await secured(stream, server.tls) : stream;
  const client = new pg.Client({ ...configOf(server), stream: () => asSocket(safe) });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function configOf({ place, database, user, password }: ReadyServer): pg.ClientConfig {
  return {
    // Where the stream leads already; said, so that nothing is read from the worker's environment.
    host: 'address' in place ? place.address : 'localhost',
    port: 'address' in place ? place.port : 5432,
    database,
    user,
    // A function, so that no password file of the worker's is looked into.
    password: () => password ?? Promise.reject(new NoPassword('the server wants a password, and the step gives none')),
    ssl: false,
    application_name: 'belay',
    types: asTexts,
  };
}

class NoPassword extends Error {}

async function ask(
  client: pg.Client,
  { text, parameters, rows: wanted }: Parameters<Connection['ask']>[0],
): Promise<Answer> {
  // Extended, since the simple protocol takes several statements at once.
  const config = { text, values: [...parameters], rowMode: 'array' as const, queryMode: 'extended' };
  const query = new pg.Query<(string | null)[]>(config);
  const rows: (string | null)[][] = [];
  const most = (wanted?.length ?? 0) + 1;
  query.on('row', (row) => void (rows.length < most && rows.push(row as unknown as (string | null)[])));
  return new Promise((resolve, reject) => {
    query.once('error', reject);
    query.once('end', ({ command, rowCount }) => resolve({ command, count: rowCount ?? 0, rows }));
    client.query(query);
  });
}

function noLogin(error: unknown, { user }: ReadyServer, trying: Trying): Failed {
  const unchanged = `nothing was asked, and ${nothingChanged}`;
  const no = (kind: FailureKind, why: string, next: string): Failed =>
    failed(kind, trying, `${why}; ${unchanged}`, next);
  if (error instanceof Untrusted)
    return no('sql/untrusted', error.message, 'give the authority that signed its certificate, and the name in it');
  const said = serverError(error);
  if (error instanceof NoPassword || said?.code.startsWith('28')) {
    const why = said ? `SQLSTATE ${said.code}` : whyOf(error);
    const next = 'correct user and password, or what the server allows (pg_hba.conf)';
    return no('sql/login-refused', `the database does not let ${user} in (${why})`, next);
  }
  if (said)
    return no(
      'sql/refused',
      `the database refused the connection with SQLSTATE ${said.code}`,
      'put it right, then retry',
    );
  return no('sql/unreachable', whyOf(error), 'see that the database is up, then retry');
}

/** The work's outcome, unless time is over first; what comes late is not left open. */
async function unlessAborted<T>(late: AbortSignal, work: Promise<T>, trying: Trying): Promise<T> {
  const over = (): Failed =>
    failed(
      'sql/unreachable',
      trying,
      `no connection stood in time; ${nothingChanged}`,
      'see that it is up, then retry',
    );
  const aborted = new Promise<never>((_, reject) => {
    if (late.aborted) reject(over());
    else late.addEventListener('abort', () => reject(over()), { once: true });
  });
  aborted.catch(() => undefined);
  work.then((one) => late.aborted && (one as Partial<Duplex> | undefined)?.destroy?.()).catch(() => undefined);
  return Promise.race([work, aborted]);
}
