import type { Say } from './say.js';

/** The processes behind `up`, in the order in which they start. */
export const childNames = ['postgres', 'temporal', 'api', 'worker'] as const;
export type ChildName = (typeof childNames)[number];

export interface StackRequest {
  /** The data folder; made where there is none. */
  readonly data: string;
  /** Told what happens, one line each. */
  readonly log: Say;
  /** An existing Postgres; the embedded one is not started then. */
  readonly databaseUrl?: string;
  /** An existing Temporal server, `host:port`; the embedded one is not started then. */
  readonly temporalAddress?: string;
  /** Address of that server's web UI, for links. */
  readonly temporalWeb?: string;
}

export interface Stack {
  readonly api: string;
  /** Temporal's web UI; empty where an existing server came without one. */
  readonly web: string;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
  /** Bearer token of the API. */
  readonly token: string;
  /** Sends a signal to one child, as a crash would; it is started again. */
  kill(child: ChildName, signal: NodeJS.Signals): void;
  /** Stops all, worker first; returns when every child has ended. */
  stop(): Promise<void>;
}

/**
 * Starts Belay on this machine and returns when it answers.
 *
 * @throws UpRefused where another `up` holds the data folder, or something needed is missing
 */
export async function startStack(request: StackRequest): Promise<Stack> {
  throw new Error(`not built yet: ${request.data}`);
}
