import { Failed, type Failure } from '../../model/failure.js';
import type { Ending } from '../../model/states.js';
import { orStillOpen } from '../../model/task/left-open.js';
import { awayIntent, mayHaveChanged, type AwayOutcome } from '../../model/task/away.js';
import { checkOnce, checkUntilAnswered } from './check.js';
import { ask, exchange, type Answer } from './exchange.js';
import { unexpected } from './expected.js';
import {
  cancelledBefore,
  notAsExpected,
  notSent,
  notVerified,
  outcomeUnknown,
  refusedByServer,
  stale,
  type Trying,
} from './failures.js';
import type { HttpAttempt, HttpNeeds } from './needs.js';
import { readyOperation, type ReadyOperation } from './ready-request.js';

/** One attempt, with its values filled in. */
interface Sending extends Trying {
  readonly needs: HttpNeeds;
  readonly attempt: HttpAttempt;
  readonly ready: ReadyOperation;
  /** Ends at the step's time limit, and some time after a cancel. */
  readonly stop: AbortSignal;
  /** Whether an earlier request may have been carried out. */
  readonly acted: boolean;
}

/** One attempt, from wherever the records say that it stands. */
export async function sendRequest(needs: HttpNeeds, attempt: HttpAttempt): Promise<AwayOutcome> {
  const acted = mayHaveChanged(attempt.work.intents);
  try {
    const values = await needs.values(attempt.name, attempt.work.operation);
    if (!values.when && !acted) return { ending: 'skipped', summary: 'its `when` does not hold' };
    const ready = readyOperation(attempt.work.operation, values);
    const { method, url } = ready.request;
    const tried = `${attempt.step.name} (${attempt.name.step}) for ${attempt.name.host}, attempt ${attempt.attempt}: ${method} ${url.href}`;
    const sending = { needs, attempt, ready, tried, acted, stop: stopOf(needs, attempt) };
    return isQuestion(method) ? await askOnly(sending) : await act(sending);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return withFailure(acted ? 'unknown' : 'refused', error.failure);
  }
}

function isQuestion(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function stopOf({ limits }: HttpNeeds, { step, cancelled }: HttpAttempt): AbortSignal {
  const late = new AbortController();
  const afterGrace = (): void => void setTimeout(() => late.abort(), limits.grace).unref();
  if (cancelled.aborted) afterGrace();
  else cancelled.addEventListener('abort', afterGrace, { once: true });
  return AbortSignal.any([AbortSignal.timeout(step.seconds * 1000), late.signal]);
}

/** A question changes nothing, whatever becomes of it. */
async function askOnly({ needs, ready, stop, ...trying }: Sending): Promise<AwayOutcome> {
  const asked = await ask(needs, ready.request, stop);
  if (asked.how === 'not-sent') return withFailure(endingOf(notSent(trying, asked.why)), notSent(trying, asked.why));
  if (asked.how === 'lost')
    return withFailure('unreachable', {
      ...outcomeUnknown(trying, asked.why),
      kind: 'http/unreachable',
      known: `${asked.why}; it was a question, and changed nothing`,
      next: 'see that the server can be reached, then retry',
    });
  const problem = unexpected(ready.request.expect, asked.answer);
  if (problem !== undefined) return withFailure('refused', notAsExpected(trying, problem, 'nothing'));
  return { ending: 'done', summary: `answered as expected, with status ${asked.answer.status}` };
}

/** Check, announce, send, and find out. */
async function act(sending: Sending): Promise<AwayOutcome> {
  const { needs, attempt, ready, stop, acted } = sending;
  if (ready.check) {
    const checked = await (acted
      ? checkUntilAnswered(needs, ready.check, sending)
      : checkOnce(needs, ready.check, sending, stop));
    if (checked.so === undefined) return withFailure(acted ? 'unknown' : endingOf(checked.failure), checked.failure);
    if (checked.so)
      return acted
        ? { ending: 'done', summary: 'found so when it was taken up again' }
        : { ending: 'ok', summary: 'already so' };
  }
  // The same attempt was announced before, and the worker that sent it is gone.
  const open = attempt.work.intents.some((one) => one.attempt === attempt.attempt && one.ending === undefined);
  if (open && !attempt.step.repeatable)
    return withFailure('unknown', outcomeUnknown(sending, 'the worker that sent it is gone'));
  const unsent = (failure: Failure): AwayOutcome =>
    orStillOpen(withFailure(open ? 'unknown' : endingOf(failure), failure), attempt.attempt, attempt.work.intents);
  if (attempt.cancelled.aborted) return unsent(cancelledBefore(sending));
  await needs.announce(awayIntent(attempt));
  if (!(await needs.holds(attempt.name, attempt.holder))) throw stale(sending);
  const sent = await exchange(needs, ready.request, stop);
  switch (sent.how) {
    case 'not-sent':
      return unsent(notSent(sending, sent.why));
    case 'lost':
      return afterLoss(sending, sent.why);
    case 'answered':
      return afterAnswer(sending, sent.answer);
  }
}

/** The state decides, where the runbook says how to ask for it; else the answer does. */
async function afterAnswer(sending: Sending, answer: Answer): Promise<AwayOutcome> {
  const { needs, attempt, ready } = sending;
  if (attempt.work.operation.refused.includes(answer.status))
    return withFailure('refused', refusedByServer(sending, answer.status));
  const problem = unexpected(ready.request.expect, answer);
  const checked = ready.check && (await checkUntilAnswered(needs, ready.check, sending));
  if (checked?.so === true || (!checked && problem === undefined)) {
    const proof = checked ? ', and the check shows it' : '';
    return { ending: 'done', summary: `answered with status ${answer.status}${proof}` };
  }
  if (problem !== undefined) return withFailure('partial', notAsExpected(sending, problem, 'perhaps'));
  return checked?.so === false
    ? withFailure('partial', notVerified(sending, checked.problem))
    : withFailure('unknown', outcomeUnknown(sending, 'it was answered as expected, but its check was not answered'));
}

/** Where the check does not show it, the request may still be on its way. */
async function afterLoss(sending: Sending, why: string): Promise<AwayOutcome> {
  const { needs, ready } = sending;
  const checked = ready.check && (await checkUntilAnswered(needs, ready.check, sending));
  if (checked?.so === true) return { ending: 'done', summary: `its answer was lost (${why}), and the check shows it` };
  return withFailure('unknown', outcomeUnknown(sending, `the answer was lost (${why})`));
}

function withFailure(ending: Ending, failure: Failure): AwayOutcome {
  return { ending, summary: failure.known, failure };
}

function endingOf(failure: Failure): Ending {
  return failure.kind === 'http/unreachable' ? 'unreachable' : 'refused';
}
