import { setTimeout as sleep } from 'node:timers/promises';
import { attributeKey } from '../../model/directory-name.js';
import { Failed, type Failure } from '../../model/failure.js';
import { openDirectory, type Directory } from './directory.js';
import { beyond, sameState, seenThrough, type Present, type State, type View } from './entry-state.js';
import type { LdapNeeds } from './needs.js';
import { requestOf } from './request.js';
import { named, type Sent } from './result-codes.js';
import { failed, type Target } from './target.js';

/** One state of an entry to be replaced by another, and nothing else by either. */
export interface Swap {
  readonly target: Target;
  readonly view: View;
  readonly from: State;
  readonly to: State;
  /** True where an earlier request for this very swap may still have been carried out. */
  readonly uncertain: boolean;
  /** What is being done, for failures. */
  readonly tried: string;
  /** Asked just before each request. */
  readonly holds: () => Promise<boolean>;
  readonly cancelled: AbortSignal;
}

/** How a swap came out, by what was read back on a new connection. */
export type Swapped =
  /** The new state is there; `sent` where a request of ours was accepted or may have been. */
  | { readonly how: 'there'; readonly sent: boolean }
  /** Surely nothing was done by us, now or before. */
  | { readonly how: 'nothing'; readonly failure: Failure }
  /** A state is there that is neither, and surely not through us. */
  | { readonly how: 'other'; readonly failure: Failure }
  /** The server said it was done, but it is not what is there. */
  | { readonly how: 'gone'; readonly failure: Failure }
  | { readonly how: 'unknown'; readonly failure: Failure };

/** Requests in one attempt; more are needed only where the entry keeps changing around what is changed here. */
const mostRequests = 5;

/**
 * Replaces a state by compare-and-set, and says what is so. Each round reads on a connection of its own: the new state
 * is there → done; the old one → ask (again), asserting it; anything else → nobody but a person can decide.
 *
 * @throws Failed `host/stale-holder` where somebody else acts on the host now
 */
export async function swapStates(needs: Pick<LdapNeeds, 'limits'>, swap: Swap): Promise<Swapped> {
  let uncertain = swap.uncertain;
  let last: Sent | undefined;
  for (let requests = 0; ; requests++) {
    const mustKnow = uncertain || last?.how === 'accepted';
    const seen = await see(needs.limits, swap, mustKnow);
    if (seen instanceof Failed) return unseen(seen, mustKnow);
    const { directory, present, state } = seen;
    try {
      const end = judge(swap, seen, last, uncertain, requests);
      if (end) return end;
      if (!(await swap.holds())) throw stale(swap);
      last = await directory.send(requestOf(swap.view, state, swap.to, present), present.change);
      uncertain ||= last.how === 'lost';
    } finally {
      await directory.close();
    }
  }
}

interface Seen {
  readonly directory: Directory;
  readonly present: Present;
  /** The same as the swap's view sees it. */
  readonly state: State;
}

/** What is there now. Where something may have been done it is asked for again and again, until `outcome` is over. */
async function see(limits: LdapNeeds['limits'], swap: Swap, mustKnow: boolean): Promise<Seen | Failed> {
  const deadline = Date.now() + limits.outcome;
  for (let wait = 250; ; wait = Math.min(wait * 2, 5000)) {
    try {
      return await look(limits, swap);
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      const worthwhile = error.failure.kind === 'ldap/unreachable' && mustKnow && !swap.cancelled.aborted;
      if (!worthwhile || Date.now() + wait > deadline) return error;
    }
    await sleep(wait, undefined, { signal: swap.cancelled }).catch(() => undefined);
  }
}

async function look(limits: LdapNeeds['limits'], { target, view, from, to }: Swap): Promise<Seen> {
  const directory = await openDirectory(target, limits);
  try {
    // Where the entry itself comes or goes, all of it counts.
    const whole = from === 'absent' || to === 'absent';
    const present = await directory.read(whole ? undefined : view.map(({ name }) => name));
    return { directory, present, state: await seenThrough(view, present, directory.equal) };
  } catch (error) {
    await directory.close();
    throw error;
  }
}

/** What the state that is there means; undefined where (another) request is due. */
function judge(
  swap: Swap,
  seen: Seen,
  last: Sent | undefined,
  uncertain: boolean,
  requests: number,
): Swapped | undefined {
  if (sameState(seen.state, swap.to)) return { how: 'there', sent: requests > 0 || swap.uncertain };
  const old = isOld(swap, seen);
  if (last?.how === 'accepted') return { how: 'gone', failure: notThere(swap, old) };
  if (!old) {
    const failure = changedSince(swap, seen, uncertain);
    return uncertain ? { how: 'unknown', failure } : { how: 'other', failure };
  }
  if (last?.how === 'refused') return nothingOrUnknown(uncertain, refusedBy(swap, last.code));
  if (requests >= mostRequests) return nothingOrUnknown(uncertain, restless(swap));
  if (swap.cancelled.aborted) return nothingOrUnknown(uncertain, cancelled(swap));
  return undefined;
}

/** An entry that is to go may hold nothing that others have added to it. */
function isOld({ view, from, to }: Swap, { state, present }: Seen): boolean {
  return sameState(state, from) && (to !== 'absent' || beyond(view, present).length === 0);
}

function nothingOrUnknown(uncertain: boolean, failure: Failure): Swapped {
  return { how: uncertain ? 'unknown' : 'nothing', failure };
}

function unseen({ failure }: Failed, mustKnow: boolean): Swapped {
  if (!mustKnow) return { how: 'nothing', failure };
  return {
    how: 'unknown',
    failure: {
      ...failure,
      known: `${failure.known}; whether the change was made before is not known`,
      next: 'look at the entry; then retry, skip or undo',
    },
  };
}

function changedSince(swap: Swap, { present, state }: Seen, uncertain: boolean): Failure {
  const ours = uncertain ? 'whether our change was made before that is not known' : 'nothing was changed by us';
  return {
    kind: 'ldap/changed-since',
    tried: swap.tried,
    known: `${differing(swap, present, state)}, that neither was there before nor is ours; ${ours}`,
    next: 'look at the entry and see who changed it; then retry, skip or undo',
  };
}

/** What is not as it was before, without any value of it. */
function differing({ view, from, to }: Swap, present: Present, state: State): string {
  if (state === 'absent') return 'the entry is gone';
  const more = to === 'absent' ? beyond(view, present) : [];
  if (from === 'absent') return 'there is an entry of that name';
  const other = view
    .map(({ name }) => ({ name, key: attributeKey(name) }))
    .filter(({ key }) => !sameState(new Map([[key, state.get(key) ?? []]]), new Map([[key, from.get(key) ?? []]])));
  const counted = other.map(({ name, key }) => {
    const count = state.get(key)?.length ?? 0;
    return count === 1 ? `${name} has another value now` : `${name} has ${count} values now`;
  });
  return [...counted, ...more.map((name) => `${name} was added`)].join(', ');
}

function notThere({ tried, view }: Swap, old: boolean): Failure {
  const what = `${old ? 'what was there before' : 'something else'} of ${view.map(({ name }) => name).join(', ')}`;
  return {
    kind: 'step/verify-failed',
    tried,
    known: `the server accepted the change, but ${what} was read back`,
    next: 'look at the entry, and at replication; then retry, skip or undo',
  };
}

function refusedBy({ tried }: Swap, code: number): Failure {
  return {
    kind: 'ldap/refused',
    tried,
    known: `the server refused the change (${named(code)}); nothing was changed`,
    next: "look up the code in RFC 4511 and the server's log; put it right, then retry",
  };
}

function restless({ tried }: Swap): Failure {
  return {
    kind: 'ldap/changed-since',
    tried,
    known: `the entry was changed by others before each of ${mostRequests} requests; it is as it was`,
    next: 'retry when the entry is quiet',
  };
}

function cancelled({ tried }: Swap): Failure {
  return {
    kind: 'step/cancelled',
    tried,
    known: 'it was cancelled; it is as it was',
    next: 'resume, retry or undo the run',
  };
}

function stale({ tried }: Swap): Failed {
  return failed(
    'host/stale-holder',
    tried,
    'somebody else acts on this host now; nothing more was sent',
    'nothing; the newer one goes on',
  );
}
