import type { Duplex } from 'node:stream';
import pg from 'pg';
import { Failed } from '../../model/failure.js';
import type { TaskName } from '../../model/record.js';
import { failed, nothingChanged, serverError, whyOf, type Trying } from './failures.js';
import type { SqlNeeds } from './needs.js';
import { asSocket, type Carried } from './as-socket.js';
import type { ReadyServer, ReadyStatement } from './ready-operation.js';

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
  const carried = asSocket(stream);
  const client = new pg.Client({ ...configOf(server), stream: () => carried.socket });
  client.on('error', () => undefined);
  const end = (): void => void stream.destroy();
  try {
    await unlessAborted(late, client.connect(), trying);
  } catch (error) {
    end();
    throw error instanceof Failed ? error : noLogin(error, server, carried, trying);
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

function configOf({ place, tls, database, user, password }: ReadyServer): pg.ClientConfig {
  return {
    host: tls?.name ?? ('address' in place ? place.address : 'localhost'),
    port: 'address' in place ? place.port : 5432,
    database,
    user,
    // A function, so that no password file of the worker's is looked into.
    password: () => password ?? Promise.reject(new NoPassword('the server wants a password, and the step gives none')),
    ssl: tls ? { ca: tls.authority, rejectUnauthorized: true, minVersion: 'TLSv1.2' } : false,
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

function noLogin(error: unknown, { tls, user }: ReadyServer, carried: Carried, trying: Trying): Failed {
  const said = serverError(error);
  const unchanged = `nothing was asked, and ${nothingChanged}`;
  const refused = said && (said.code.startsWith('28') || error instanceof NoPassword);
  if (refused || error instanceof NoPassword) {
    const why = said ? `SQLSTATE ${said.code}` : (error as NoPassword).message;
    const known = `the database does not let ${user} in (${why}); ${unchanged}`;
    return failed(
      'sql/login-refused',
      trying,
      known,
      'correct user and password, or what the server allows (pg_hba.conf)',
    );
  }
  if (said) {
    const known = `the database refused the connection with SQLSTATE ${said.code}; ${unchanged}`;
    return failed('sql/refused', trying, known, 'see that the database is there and takes connections, then retry');
  }
  if (tls && carried.speaksTls() !== 'unasked' && (carried.speaksTls() === 'no' || isAboutCertificates(error))) {
    const why = carried.speaksTls() === 'no' ? 'it speaks no TLS' : `its certificate is not taken: ${whyOf(error)}`;
    return failed('sql/untrusted', trying, `${why}; ${unchanged}`, 'give the authority that signed it, and its name');
  }
  return failed('sql/unreachable', trying, `${whyOf(error)}; ${unchanged}`, 'see that the database is up, then retry');
}

function isAboutCertificates(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|SIGNATURE|ALTNAME|ISSUER|CHAIN/.test(code);
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
