import { Failed, type Failure, type FailureKind } from '../../model/failure.js';
import { maskOf } from '../../model/mask.js';
import type { Ending } from '../../model/states.js';
import type { AwayOutcome } from '../../model/task/away.js';

/** What is being done, and where, for failures. `secrets` are masked in what a server says. */
export interface Trying {
  readonly tried: string;
  readonly secrets: readonly string[];
}

export const nothingChanged = 'nothing was changed';
const rolledBack = `its transaction was rolled back, and ${nothingChanged}`;

export function failed(kind: FailureKind, { tried }: Trying, known: string, next: string): Failed {
  return new Failed({ kind, tried, known, next });
}

/** The server has refused a statement. What it says may hold values; details, which hold whole rows, are left out. */
export function refusedByServer(trying: Trying, what: string, { code, message, constraint }: ServerError): Failed {
  const said = maskOf(trying.secrets).text(message);
  const which = constraint === undefined ? '' : ` (constraint ${constraint})`;
  const known = `${what} was refused with SQLSTATE ${code}: ${said}${which}; ${rolledBack}`;
  return failed('sql/refused', trying, known, 'put it right, then retry');
}

export function unexpected(trying: Trying, what: string, problem: string): Failed {
  const known = `${what} ${problem}; ${rolledBack}`;
  return failed('sql/unexpected', trying, known, 'look at the database; put it right, then retry, skip or undo');
}

export function connectionLost(trying: Trying, why: string): Failed {
  const known = `the connection was lost before COMMIT (${why}); ${rolledBack}`;
  return failed('sql/unreachable', trying, known, 'see that host and database are up, then retry');
}

export function outcomeUnknown({ tried }: Trying, why: string): Failure {
  const known = `${why}; whether it was committed is not known`;
  return { kind: 'step/outcome-unknown', tried, known, next: 'look at the database; then retry, skip or undo' };
}

export function cancelled(trying: Trying): Failed {
  return failed('step/cancelled', trying, `it was cancelled; ${rolledBack}`, 'resume, retry or undo');
}

export function stale(trying: Trying): Failed {
  const known = 'somebody else acts on this host now; nothing was committed';
  return failed('host/stale-holder', trying, known, 'nothing; the newer one goes on');
}

export function withFailure(ending: Ending, failure: Failure): AwayOutcome {
  return { ending, summary: failure.known, failure };
}

/** How an attempt ends that surely changed nothing. */
export function nothingEnding({ kind }: Failure): Ending {
  return kind.startsWith('host/') || kind === 'sql/unreachable' ? 'unreachable' : 'refused';
}

/** An error that the server itself has told. */
export interface ServerError {
  readonly code: string;
  readonly message: string;
  readonly constraint?: string;
}

/** Undefined where it is not the server that tells it. */
export function serverError(error: unknown): ServerError | undefined {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return undefined;
  const { code, message } = error;
  if (typeof code !== 'string') return undefined;
  const constraint = 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : undefined;
  return { code, message, ...(constraint !== undefined && { constraint }) };
}

export function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
