/** A Postgres server of its own for a test file, in a temporary folder on a random port. */
export interface TestPostgres {
  /** Of an empty database. */
  readonly url: string;
  /** Makes another empty database on the same server and gives its URL. */
  freshDatabase(): Promise<string>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
  /** Kills the server as a crash would; its files stay. */
  stopImmediately(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
}

export async function startPostgres(): Promise<TestPostgres> {
  throw new Error('not built yet');
}
