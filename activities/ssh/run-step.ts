import { Failed } from '../../model/failure.js';
import { onlyReads } from '../../model/plan.js';
import type { Result, Standing } from '../../model/record.js';
import { orStillOpen } from '../../model/task/left-open.js';
import { nameOnHost } from '../../model/task/name-on-host.js';
import { shortSummary, standingOf } from '../../model/task/standing.js';
import { askAgain } from './ask-again.js';
import { carryOut } from './carry-out.js';
import type { Attempt, Outcome } from './attempt.js';
import { hinted } from './hinted.js';
import { liveness, type Liveness } from './liveness.js';
import type { Begun, HostWork, StepNeeds, StepRequest, StepWork } from './needs.js';
import type { JournalEntry, Session } from './session.js';
import { writeAsTheyEnd } from './write-as-they-end.js';

/** One host of the step: reached, with its attempt ready, or not. */
type Reached = { readonly host: string; readonly attempt: number; readonly holder: number } & (
  | { readonly ready: Attempt }
  | { readonly outcome: Outcome }
  /** Something was announced to it before, and now it cannot be asked what became of that. */
  | { readonly lost: Outcome; readonly again: () => Promise<Reached> }
);

/** One step on the hosts of a wave. What a host came to is returned data, so that no other host's result is lost. */
export async function runHostStep(needs: StepNeeds, request: StepRequest): Promise<Standing[]> {
  const life = liveness();
  try {
    const begun = await needs.beginAttempts(request.run, request.step, request.hosts);
    return await carryOutStep(needs, request, { begun, work: await needs.readWork(request) }, life);
  } finally {
    life.end();
  }
}

/**
 * Attempts that have begun in the records, on all hosts in parallel. One batch of intents goes to Postgres before anything is sent, and
 * results after, in one batch where they come together.
 *
 * @param write - writes results, as `needs.writeResults` does; told whether they are the last ones
 */
export async function carryOutStep(
  needs: StepNeeds,
  request: StepRequest,
  { begun, work }: { readonly begun: readonly Begun[]; readonly work: StepWork },
  life: Liveness,
  write: (ended: readonly Result[], last: boolean) => Promise<void> = async (ended) => needs.writeResults(ended),
): Promise<Standing[]> {
  const before = begun.flatMap((one) => (one.result ? [one.result] : []));
  const attempts = begun.filter((one) => !one.result);
  const reached = await Promise.all(attempts.map(async (one) => reach(needs, request, work, one, life)));
  await needs.writeIntents(
    reached.flatMap((one) => ('ready' in one ? [intentOf(one.ready)] : [])),
    reached.flatMap((one) => ('ready' in one ? owes(work, one.host) : [])),
  );
  const results = await life.unlessDetached(
    writeAsTheyEnd(
      reached.map(async (one) => resultOf(needs, request, work, one, life)),
      async (ended, last) => {
        life.detached.throwIfAborted();
        await write(ended, last);
      },
    ),
  );
  return [...before, ...results].map(standingOf);
}

async function reach(
  needs: StepNeeds,
  request: StepRequest,
  work: StepWork,
  due: { readonly host: string; readonly attempt: number; readonly holder: number },
  life: Liveness,
): Promise<Reached> {
  const host = work.hosts.get(due.host);
  if (!host) throw new Error(`step ${request.step} has no operation for host ${due.host}`);
  const name = { run: request.run, step: request.step, host: due.host };
  try {
    const task = nameOnHost(name.run, name.step, host.turn);
    const fresh = host.intents.length === 0;
    const session = await needs.sessions.open(host.destination, due.holder, fresh ? undefined : task);
    const rendered = await needs.render(name, work.step, host.operation, session.facts);
    if (!rendered.when) return { ...due, outcome: { ending: 'skipped', summary: 'its `when` does not hold' } };
    const filler = await needs.filler(name, host.operation, rendered);
    return {
      ...due,
      ready: {
        name,
        task,
        ...due,
        step: work.step,
        work: host,
        session,
        filler,
        needs,
        fresh,
        signal: life.cancelled,
        detached: life.detached,
      },
    };
  } catch (error) {
    const outcome = notReached(error, host, due.attempt);
    if (!host.intents.some((intent) => intent.attempt === due.attempt)) return { ...due, outcome };
    return { ...due, lost: outcome, again: async () => reach(needs, request, work, due, life) };
  }
}

/** A host that cannot be reached: surely nothing was started now, but an earlier intent of this attempt may have been. */
function notReached(error: unknown, { intents }: HostWork, attempt: number): Outcome {
  if (!(error instanceof Failed)) throw error;
  const { failure } = error;
  if (intents.some((intent) => intent.attempt === attempt)) return { ending: 'unknown', failure };
  const unreachable = failure.kind.startsWith('host/');
  return orStillOpen({ ending: unreachable ? 'unreachable' : 'refused', failure }, attempt, intents);
}

function intentOf({ name, attempt, holder, session }: Attempt): Parameters<StepNeeds['writeIntents']>[0][number] {
  return { ...name, attempt, holder, nonce: session.nonce, bootId: session.bootId, part: 'do', undo: 0 };
}

function owes(work: StepWork, host: string): { host: string; service: string; step: string }[] {
  return work.step.owes.map((service) => ({ host, service, step: work.step.id }));
}

async function resultOf(
  needs: StepNeeds,
  request: StepRequest,
  { step }: StepWork,
  one: Reached,
  life: Liveness,
): Promise<Result> {
  const started = Date.now();
  const outcome = await outcomeOf(one, step.lostAfter ?? needs.limits.outcome, life);
  return {
    run: request.run,
    step: request.step,
    host: one.host,
    attempt: one.attempt,
    holder: one.holder,
    ending: outcome.ending,
    milliseconds: Date.now() - started,
    summary: shortSummary(outcome.summary ?? outcome.failure?.known ?? ''),
    registered: outcome.registered ?? {},
    ...(onlyReads(step) && { reads: true }),
    ...(outcome.exit === undefined ? {} : { exit: outcome.exit }),
    ...(outcome.failure === undefined ? {} : { failure: outcome.failure }),
    ...(outcome.preImage === undefined ? {} : { preImage: outcome.preImage }),
    ...(outcome.postImage === undefined ? {} : { postImage: outcome.postImage }),
  };
}

/** A host that is lost is asked again until `seconds` have passed; what it has announced already needs no new intent. */
async function outcomeOf(one: Reached, seconds: number, life: Liveness): Promise<Outcome> {
  let present = one;
  if ('lost' in present)
    for await (const _ of askAgain(seconds, AbortSignal.any([life.cancelled, life.detached]))) {
      present = await present.again();
      if (!('lost' in present)) break;
    }
  if ('lost' in present) return present.lost;
  return 'ready' in present ? hinted(present.ready, await survive(present.ready)) : present.outcome;
}

/** A host's own failure ends its attempt, not the activity; anything else is infrastructure and is tried again. */
async function survive(attempt: Attempt): Promise<Outcome> {
  try {
    return await carryOut(attempt);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    if (error.failure.kind === 'host/stale-holder') throw error;
    const outcome: Outcome = { ending: await afterFailure(attempt), failure: error.failure };
    return orStillOpen(outcome, attempt.attempt, attempt.work.intents);
  }
}

/** Refused where the journal shows that this attempt never claimed; unknown where it did, or cannot be asked. */
async function afterFailure(attempt: Attempt): Promise<'refused' | 'unknown'> {
  const journal = await journalOf(attempt.session, attempt.task);
  return journal && !journal.claims.some((claim) => claim.attempt === attempt.attempt && claim.part === 'do')
    ? 'refused'
    : 'unknown';
}

async function journalOf(session: Session, task: string): Promise<JournalEntry | undefined> {
  return session.look(task).catch(() => undefined);
}
