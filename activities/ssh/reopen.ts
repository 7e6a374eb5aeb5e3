import { Failed } from '../../model/failure.js';
import { askAgain } from './ask-again.js';
import { failureOf, type Attempt } from './attempt.js';

/**
 * The attempt with a new session each time that a lost host answers again, under the same holder, until the deadline for
 * knowing has passed, somebody cancels, or another worker looks after it: two would take the host from each other.
 *
 * @throws Failed where another holder acts on the host now
 */
export async function* reopened(attempt: Attempt): AsyncGenerator<Attempt> {
  const given = AbortSignal.any([attempt.signal, attempt.detached]);
  for await (const _ of askAgain(attempt.step.lostAfter ?? attempt.needs.limits.outcome, given)) {
    const session = await attempt.needs.sessions.open(attempt.work.destination, attempt.holder).catch(stillAway);
    if (session) yield { ...attempt, session };
  }
}

/**
 * Does `work`; where the connection is lost meanwhile, does it again on each new one. So it must be what only looks, or
 * finds in the journal where it stands. The host may have restarted since.
 *
 * @throws Failed where it could not be done until the deadline for knowing, or the journal is another one by then
 */
export async function untilAnswered<T>(attempt: Attempt, work: (attempt: Attempt) => Promise<T>): Promise<T> {
  let lost: Failed;
  try {
    return await work(attempt);
  } catch (error) {
    lost = connectionLost(error);
  }
  for await (const again of reopened(attempt)) {
    if (again.session.nonce !== attempt.session.nonce) throw journalLost(attempt);
    try {
      return await work(again);
    } catch (error) {
      lost = connectionLost(error);
    }
  }
  throw lost;
}

/** Nothing, so that it is asked again; a stale holder ends the asking at once. @throws Failed */
export function stillAway(error: unknown): undefined {
  if (error instanceof Failed && error.failure.kind === 'host/stale-holder') throw error;
  return undefined;
}

/** @throws whatever is no lost connection */
function connectionLost(error: unknown): Failed {
  if (error instanceof Failed && error.failure.kind === 'host/unreachable') return error;
  throw error;
}

function journalLost(attempt: Attempt): Failed {
  return new Failed(
    failureOf(
      attempt,
      'host/journal-lost',
      'the journal on the host is another one now; whether the step took effect is not known',
      'look at the host; then retry, skip or undo',
    ),
  );
}
