import { Failed, type Failure } from '../../model/failure.js';
import type { NoLine } from './line.js';

/** What is being done, and where, for failures. Holds no secret: URLs cannot. */
export interface Trying {
  readonly tried: string;
}

export function notSent({ tried }: Trying, why: NoLine): Failure {
  const next =
    why.kind === 'http/untrusted'
      ? 'give the authority that signed it'
      : 'see that the server can be reached, then retry';
  return { kind: why.kind, tried, known: `${why.known}; the request was not sent`, next };
}

export function notAsExpected({ tried }: Trying, problem: string, changed: 'nothing' | 'perhaps'): Failure {
  const what = changed === 'nothing' ? 'it was a question' : 'what the server did is not known';
  const next = 'look at the server and its log; then retry, skip or undo';
  return { kind: 'http/unexpected', tried, known: `the answer has ${problem}; ${what}`, next };
}

export function refusedByServer({ tried }: Trying, status: number): Failure {
  const known = `the server refused with status ${status}; by the runbook that means that nothing was changed`;
  return { kind: 'step/refused', tried, known, next: 'put it right, then retry' };
}

export function outcomeUnknown({ tried }: Trying, why: string): Failure {
  const next = 'look at the server; then retry, skip or undo';
  return { kind: 'step/outcome-unknown', tried, known: `${why}; whether it was carried out is not known`, next };
}

export function notVerified({ tried }: Trying, problem: string): Failure {
  const known = `it was answered as expected, but the check was answered with ${problem}`;
  return { kind: 'step/verify-failed', tried, known, next: 'look at the server; then retry, skip or undo' };
}

export function cancelledBefore({ tried }: Trying): Failure {
  return { kind: 'step/cancelled', tried, known: 'it was cancelled; nothing was sent', next: 'resume, retry or undo' };
}

export function stale({ tried }: Trying): Failed {
  return new Failed({
    kind: 'host/stale-holder',
    tried,
    known: 'somebody else acts on this host now; nothing more was sent',
    next: 'nothing; the newer one goes on',
  });
}
