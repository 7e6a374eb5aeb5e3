import type { Ending } from '../states.js';

/** What Postgres remembers of an attempt that was announced before anything was sent. */
export interface EarlierIntent {
  readonly attempt: number;
  readonly nonce: string;
  readonly bootId: string;
  /** How it ended, where a result was written. */
  readonly ending?: Ending;
}

/** What the host's journal says of one `do`. */
export interface EarlierClaim {
  readonly attempt: number;
  readonly bootId: string;
  readonly state: 'running' | 'exited' | 'timed-out' | 'cancelled' | 'dead';
}

export type Beginning =
  /** Nothing of this task ever began to act: check, capture, then do. */
  | { readonly begin: 'check' }
  /** An earlier attempt may have acted: never check or capture again, only do. */
  | { readonly begin: 'do' }
  /** An earlier attempt was given up as unknown, and its process is alive, or has ended since: its end comes first. */
  | { readonly begin: 'await'; readonly attempt: number }
  /** This attempt's process is alive. */
  | { readonly begin: 'follow' }
  /** This attempt's process has ended and its end is in the journal. */
  | { readonly begin: 'take-end' }
  | { readonly begin: 'unknown'; readonly why: 'host/journal-lost' | 'host/rebooted' | 'step/outcome-unknown' };

/**
 * Where an attempt begins, from what Postgres and the host remember (design §4.2, rule 2, in its order: another
 * nonce → unknown; result there → that; another boot id → unknown; claim and process alive → follow; claim and
 * process gone → unknown; no claim → start, once no earlier attempt runs any more).
 *
 * @param readsBack - whether the step can tell by itself that its effect is there now
 */
export function beginning(
  attempt: number,
  host: { readonly nonce: string; readonly bootId: string },
  intents: readonly EarlierIntent[],
  claims: readonly EarlierClaim[],
  readsBack = false,
): Beginning {
  const intent = intents.find((one) => one.attempt === attempt);
  const claim = claims.find((one) => one.attempt === attempt);
  if (intent && intent.nonce !== host.nonce) return { begin: 'unknown', why: 'host/journal-lost' };
  if (claim && claim.state !== 'running' && claim.state !== 'dead') return { begin: 'take-end' };
  const bootId = claim?.bootId ?? intent?.bootId;
  if (bootId !== undefined && bootId !== host.bootId) return { begin: 'unknown', why: 'host/rebooted' };
  if (claim) return claim.state === 'running' ? { begin: 'follow' } : { begin: 'unknown', why: 'step/outcome-unknown' };
  const alive = claims.find((one) => one.attempt < attempt && one.state === 'running' && one.bootId === host.bootId);
  if (alive) return { begin: 'await', attempt: alive.attempt };
  const ended = readsBack ? endedUnheard(attempt, host.nonce, intents, claims) : undefined;
  if (ended) return { begin: 'await', attempt: ended.attempt };
  return mayHaveActed(attempt, intents, claims) ? { begin: 'do' } : { begin: 'check' };
}

/**
 * The attempt before, where its outcome was given up as unknown and this very journal holds its exit. What somebody has done
 * about it in between only the step's own look at its effect can tell, so that an exit alone would not do.
 */
function endedUnheard(
  attempt: number,
  nonce: string,
  intents: readonly EarlierIntent[],
  claims: readonly EarlierClaim[],
): EarlierClaim | undefined {
  const before = claims.filter((one) => one.attempt < attempt).sort((a, b) => b.attempt - a.attempt)[0];
  if (before?.state !== 'exited') return undefined;
  const announced = intents.find((one) => one.attempt === before.attempt);
  return announced?.ending === 'unknown' && announced.nonce === nonce ? before : undefined;
}

/** Whether any earlier attempt acted, or may have: then our own half-done effect must not pass for "already so". */
function mayHaveActed(attempt: number, intents: readonly EarlierIntent[], claims: readonly EarlierClaim[]): boolean {
  const harmless = (number: number): boolean => {
    const ending = intents.find((one) => one.attempt === number)?.ending;
    return ending === 'refused' || ending === 'unreachable' || ending === 'ok' || ending === 'skipped';
  };
  const earlier = [...intents.filter((one) => one.ending !== undefined), ...claims].filter(
    (one) => one.attempt < attempt,
  );
  return earlier.some((one) => !harmless(one.attempt));
}
