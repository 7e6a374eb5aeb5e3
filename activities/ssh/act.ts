import { Failed } from '../../model/failure.js';
import { asFresh, failureOf, ready, type Attempt, type Extra } from './attempt.js';
import { recordOutput, type Printed } from './record-output.js';
import { reopened, stillAway } from './reopen.js';
import type { PartEnd } from './session.js';

/** The attempt with a session that has not lost its connection. */
interface Acted {
  readonly attempt: Attempt;
  readonly end: PartEnd;
  readonly printed: Printed;
}

const nothing: Printed = { stdout: '', stderr: '' };

/** Runs `do` to its end. A lost connection is taken up again: the script goes on without us. */
export async function act(attempt: Attempt, extra: Extra): Promise<Acted> {
  const watch = recordOutput(attempt, 'do');
  const script = attempt.work.operation.do;
  const end = await attempt.session.run(
    {
      task: attempt.task,
      attempt: attempt.attempt,
      part: 'do',
      holder: attempt.holder,
      script: ready(attempt, script, extra),
      seconds: attempt.step.timeout,
      outputLimit: attempt.needs.limits.output,
      ...(script.refusal === undefined ? {} : { refusal: script.refusal }),
      ...asFresh(attempt, 'do'),
    },
    watch.chunk,
    attempt.signal,
  );
  const printed = await watch.end();
  return end.how === 'lost' ? takeUp(attempt, end) : { attempt, end, printed };
}

/** Follows a `do` that an earlier worker, or an earlier connection, started. */
export async function follow(attempt: Attempt): Promise<Acted> {
  const watch = recordOutput(attempt, 'do');
  const end = await attempt.session.follow(
    { task: attempt.task, attempt: attempt.attempt, part: 'do' },
    watch.chunk,
    attempt.signal,
  );
  const printed = await watch.end();
  return end.how === 'lost' ? takeUp(attempt, end) : { attempt, end, printed };
}

/**
 * Asks the host again until it answers or the deadline for knowing has passed.
 *
 * @throws Failed `host/unreachable` where it had not begun
 */
async function takeUp(attempt: Attempt, lost: PartEnd & { how: 'lost' }): Promise<Acted> {
  for await (const again of reopened(attempt)) {
    const { session } = again;
    if (session.nonce !== attempt.session.nonce)
      return lostFor(attempt, 'host/journal-lost', 'the journal on the host is another one now');
    const journal = await session.look(attempt.task).catch(stillAway);
    if (!journal) continue;
    const claim = journal.claims.find((one) => one.attempt === attempt.attempt && one.part === 'do');
    if (
      claim?.state === 'running' ||
      claim?.state === 'exited' ||
      claim?.state === 'timed-out' ||
      claim?.state === 'cancelled'
    )
      return follow(again);
    if (session.bootId !== attempt.session.bootId)
      return lostFor(again, 'host/rebooted', 'the host has restarted since');
    // From the start: what had arrived of it is gone with the connection.
    if (!claim) throw neverBegan(attempt);
    return lostFor(again, 'step/outcome-unknown', 'its process is gone and left no result');
  }
  return { attempt, end: lost, printed: nothing };
}

function lostFor(
  attempt: Attempt,
  kind: 'host/journal-lost' | 'host/rebooted' | 'step/outcome-unknown',
  known: string,
): Acted {
  const failure = failureOf(
    attempt,
    kind,
    `${known}; whether the step took effect is not known`,
    'look at the host; then retry, skip or undo',
  );
  return { attempt, end: { how: 'lost', failure }, printed: nothing };
}

function neverBegan(attempt: Attempt): Failed {
  return new Failed(
    failureOf(
      attempt,
      'host/unreachable',
      'the connection was lost before the step began; nothing happened',
      'retry when the host answers',
    ),
  );
}
