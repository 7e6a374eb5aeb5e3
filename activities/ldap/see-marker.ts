import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failed, type Failure } from '../../model/failure.js';
import type { LdapChange } from '../../model/operation.js';
import { awayIntent, type AwayOutcome } from '../../model/task/away.js';
import type { AwayValues } from '../../model/task/away-needs.js';
import { openDirectory } from './directory.js';
import { holds } from './entry-state.js';
import type { Intended } from './intend.js';
import type { LdapAttempt, LdapNeeds } from './needs.js';
import { newChange, openChange, sealChange, type SealedChange } from './sealed-change.js';
import { swapStates, type Swapped } from './swap.js';
import { targetOf, type Target } from './target.js';

/** One marker on its way from a server to its peer. */
interface Marker {
  readonly needs: LdapNeeds;
  readonly attempt: LdapAttempt;
  readonly change: SealedChange;
  readonly here: Target;
  readonly there: Target;
  readonly tried: string;
}

/** Milliseconds for which the peer may keep the marker at least, when the step's time is over. */
const leastForGone = 10_000;

/**
 * Writes an entry that nobody else writes, waits until the peer shows it, and removes it again, whatever came of it.
 *
 * @param acted - whether an earlier attempt may have left its marker
 */
export async function seeMarker(
  needs: LdapNeeds,
  attempt: LdapAttempt,
  { peer }: Extract<LdapChange, { how: 'marker' }>,
  parent: Target,
  values: AwayValues,
  acted: boolean,
): Promise<AwayOutcome> {
  const entry = `cn=${nameOf(attempt)},${parent.entry}`;
  const here = { ...parent, entry };
  const there = { ...targetOf({ ...peer, entry: attempt.work.operation.entry }, values), entry };
  const tried = `${attempt.step.name} (${attempt.name.step}) for ${attempt.name.host}, attempt ${attempt.attempt}: ${entry} from ${here.url} to ${there.url}`;
  const kept = acted ? await needs.readPreImage(attempt.name) : undefined;
  const sealed = kept ?? (await sealChange(needs, newChange(here, intendMarker(attempt))));
  const change = await openChange(needs, await needs.keepPreImage(awayIntent(attempt), sealed));
  const marker: Marker = { needs, attempt, change, here, there, tried };
  const written = await swapMarker(marker, 'write', acted);
  if (written.how !== 'there') return notWritten(written);
  return watch(marker);
}

function nameOf({ name }: LdapAttempt): string {
  const text = JSON.stringify([name.run, name.step, name.host]);
  return `belay-${createHash('sha256').update(text).digest('hex').slice(0, 24)}`;
}

/** Nobody can have written the same text before. */
function intendMarker(attempt: LdapAttempt): Intended {
  const values = {
    objectClass: 'applicationProcess',
    cn: nameOf(attempt),
    description: `Belay waits for replication: ${randomBytes(12).toString('hex')}`,
  };
  const view = Object.entries(values).map(([name, value]) => ({
    name,
    whole: name === 'description',
    known: [Buffer.from(value)],
  }));
  return { view, before: 'absent', intended: new Map(view.map(({ name, known }) => [name.toLowerCase(), known])) };
}

async function swapMarker(
  { needs, attempt, change, here, tried }: Marker,
  way: 'write' | 'remove',
  uncertain: boolean,
): Promise<Swapped> {
  const [from, to] = way === 'write' ? [change.before, change.intended] : [change.intended, change.before];
  return swapStates(needs, {
    target: here,
    view: change.view,
    from,
    to,
    uncertain,
    tried,
    holds: async () => needs.holds(attempt.name, attempt.holder),
    // What was written is removed, even where the run was cancelled meanwhile.
    cancelled: way === 'write' ? attempt.cancelled : new AbortController().signal,
  });
}

async function watch(marker: Marker): Promise<AwayOutcome> {
  const { attempt, there, tried, needs } = marker;
  const began = performance.now();
  const rest = (): number => attempt.step.seconds * 1000 - (performance.now() - began);
  const seen = await until(marker, 'there', rest());
  const took = Math.round(performance.now() - began);
  const removed = await swapMarker(marker, 'remove', false);
  if (removed.how !== 'there') return left(removed);
  if (seen !== true) {
    const because = seen ?? 'it did not show there in time';
    const cancelled = attempt.cancelled.aborted;
    const known = `${cancelled ? 'it was cancelled' : because}; the marker was removed again`;
    const next = 'see whether the servers replicate, then retry';
    return ended('refused', { kind: cancelled ? 'step/cancelled' : 'ldap/not-seen', tried, known, next });
  }
  const gone = await until(marker, 'gone', Math.max(rest(), Math.min(leastForGone, needs.limits.outcome)));
  if (gone === true)
    return { ending: 'ok', summary: `seen on ${there.url} after ${took} ms, and gone again from both` };
  const known = `the marker showed after ${took} ms and was removed, but ${gone ?? 'the peer still shows it'}`;
  return ended('partial', {
    kind: 'ldap/not-seen',
    tried,
    known,
    next: 'see whether the servers replicate; then retry or skip',
  });
}

/** True once the peer shows the marker, or no longer does; else why it could not be asked, where that was so at last. */
async function until(
  { needs, attempt, change, there }: Marker,
  want: 'there' | 'gone',
  time: number,
): Promise<true | string | undefined> {
  const deadline = performance.now() + time;
  let last: string | undefined;
  for (let wait = 50; ; wait = Math.min(wait * 2, 2000)) {
    try {
      if ((await shows(needs, there, change)) === (want === 'there')) return true;
      last = undefined;
    } catch (error) {
      if (!(error instanceof Failed)) throw error;
      last = `the peer was not read: ${error.failure.known}`;
      if (error.failure.kind !== 'ldap/unreachable') return last;
    }
    if (attempt.cancelled.aborted || performance.now() + wait > deadline) return last;
    await sleep(wait, undefined, { signal: attempt.cancelled }).catch(() => undefined);
  }
}

async function shows(needs: LdapNeeds, there: Target, { intended }: SealedChange): Promise<boolean> {
  const wanted = intended === 'absent' ? undefined : intended.get('description')?.[0];
  const directory = await openDirectory(there, needs.limits);
  try {
    const { values } = await directory.read(['description']);
    return wanted !== undefined && holds(values.get('description') ?? [], wanted);
  } finally {
    await directory.close();
  }
}

function notWritten(written: Exclude<Swapped, { how: 'there' }>): AwayOutcome {
  const { failure } = written;
  if (written.how === 'unknown') return ended('unknown', failure);
  if (written.how === 'gone') return ended('partial', failure);
  return ended(failure.kind === 'ldap/unreachable' ? 'unreachable' : 'refused', failure);
}

function left({ failure }: Exclude<Swapped, { how: 'there' }>): AwayOutcome {
  const known = `the marker could not be removed: ${failure.known}`;
  return ended('partial', { ...failure, known, next: 'retry, or undo, which removes it' });
}

function ended(ending: AwayOutcome['ending'], failure: Failure): AwayOutcome {
  return { ending, summary: failure.known, failure };
}
