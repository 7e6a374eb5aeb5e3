import { ApplicationFailure, Context } from '@temporalio/activity';

/** Seconds between heartbeats. Heartbeats are never evidence; they only let Temporal tell us of a cancel. */
const interval = 1000;

export interface Liveness {
  /** Aborted by a requested cancel alone. */
  readonly cancelled: AbortSignal;
  /** Aborted, with the failure as its reason, once this worker no longer looks after the activity: it begins and writes nothing more. */
  readonly detached: AbortSignal;
  /** Says with every heartbeat from now on what the activity is at, for Temporal's web UI alone. */
  at(what: string): void;
  /** The work's result, unless the activity is detached first: then a failure that Temporal tries again. */
  unlessDetached<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

/**
 * Heartbeats for as long as the activity lives, and the one abort signal that means "somebody asked for a cancel".
 * A worker's shutdown, a time-out, a reset or a forgotten activity merely detach: scripts on hosts go on, and the
 * next attempt of the activity follows them.
 */
export function liveness(): Liveness {
  const context = Context.current();
  const cancelled = new AbortController();
  const left = new AbortController();
  let detach: (why: Error) => void = () => undefined;
  const detached = new Promise<never>((_resolve, reject) => (detach = reject));
  detached.catch(() => undefined);
  let present: string | undefined;
  const beat = (): void => context.heartbeat(present);
  const timer = setInterval(beat, interval);
  const onAbort = (): void => {
    if (context.cancellationDetails?.cancelRequested) {
      cancelled.abort();
      return;
    }
    const why = ApplicationFailure.retryable(
      'this worker no longer looks after the activity; the next one follows it',
      'Detached',
    );
    left.abort(why);
    detach(why);
  };
  if (context.cancellationSignal.aborted) onAbort();
  else context.cancellationSignal.addEventListener('abort', onAbort, { once: true });
  return {
    cancelled: cancelled.signal,
    detached: left.signal,
    at: (what) => {
      present = what;
      beat();
    },
    unlessDetached: async (work) => Promise.race([work, detached]),
    end: () => {
      clearInterval(timer);
      context.cancellationSignal.removeEventListener('abort', onAbort);
    },
  };
}
