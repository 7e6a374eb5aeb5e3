import { Failed, type Failure } from '../../model/failure.js';
import { beginning } from '../../model/task/beginning.js';
import { orStillOpen } from '../../model/task/left-open.js';
import { act, follow } from './act.js';
import { carried, measured } from './carry.js';
import { collected } from './collect-lines.js';
import { valuesKept } from './collect-values.js';
import { endedBadly, failureOf, lastWords, type Attempt, type Extra, type Outcome } from './attempt.js';
import { examine, transformed, type Examined } from './examine.js';
import { leaveImage, prove } from './prove.js';
import type { OwedRestart } from './needs.js';
import { broken, register } from './register.js';
import type { Printed } from './record-output.js';
import { untilAnswered } from './reopen.js';
import { TaskKnown, type JournalClaim, type PartEnd } from './session.js';

/**
 * One attempt of one step on one host, from wherever it stands: check, capture, claim, do, verify. What the journal
 * and the records say decides where it begins; nothing that may have happened is done again.
 */
export async function carryOut(attempt: Attempt): Promise<Outcome> {
  const { session, work } = attempt;
  // As a later worker would find it announced, where the connection is lost and the host asked again.
  const intent = { attempt: attempt.attempt, nonce: session.nonce, bootId: session.bootId };
  return untilAnswered({ ...attempt, work: { ...work, intents: [...work.intents, intent] } }, carryOn);
}

/**
 * The journal need not be asked about a task that it should not know: its first part is sent on that condition, and
 * where it does not hold, the host says so and does nothing.
 */
async function carryOn(attempt: Attempt): Promise<Outcome> {
  const { session, work } = attempt;
  if (attempt.fresh === true && beginning(attempt.attempt, session, work.intents, []).begin === 'check')
    try {
      return await from(attempt, []);
    } catch (error) {
      if (!(error instanceof TaskKnown)) throw error;
    }
  const journal = await session.look(attempt.task);
  return from(
    { ...attempt, fresh: false },
    journal.claims.filter((claim) => claim.part === 'do'),
  );
}

async function from(attempt: Attempt, claims: readonly JournalClaim[]): Promise<Outcome> {
  const { session, work } = attempt;
  const start = beginning(attempt.attempt, session, work.intents, claims, work.operation.verify !== undefined);
  const extra: Extra = { owed: await owedBy(attempt) };
  switch (start.begin) {
    case 'check': {
      const found = await measured(attempt, extra);
      return 'outcome' in found ? found.outcome : doNow(attempt, await examine(attempt, found.go));
    }
    case 'do': {
      const found = await measured(attempt, extra);
      const came =
        'outcome' in found ? found.outcome : await doNow(attempt, await transformed(attempt, found.go, true));
      return orStillOpen(came, attempt.attempt, work.intents);
    }
    case 'await':
      return afterEarlier(attempt, start.attempt, extra);
    case 'follow':
    case 'take-end': {
      const examined = await transformed(attempt, extra, true);
      if ('outcome' in examined) return examined.outcome;
      return afterDo(attempt, await follow(attempt), examined.go);
    }
    case 'unknown':
      return settle(attempt, extra, start.why);
  }
}

/**
 * An earlier attempt whose outcome was given up as unknown is followed to its end, or that is taken where it has ended
 * since. Where it has done it, or nobody knows again, that is the outcome; else it is this attempt's turn.
 */
async function afterEarlier(attempt: Attempt, number: number, extra: Extra): Promise<Outcome> {
  const examined = await transformed(attempt, extra, true);
  if ('outcome' in examined) return examined.outcome;
  const earlier = { ...attempt, attempt: number };
  const outcome = await afterDo(earlier, await follow(earlier), examined.go);
  const failed = outcome.ending === 'partial' || outcome.ending === 'refused';
  return failed && !attempt.signal.aborted ? carryOn(knowing(attempt, number, outcome.ending)) : outcome;
}

/** What an earlier attempt came to is known now, and is asked for no more. */
function knowing(attempt: Attempt, number: number, ending: Outcome['ending']): Attempt {
  const intents = attempt.work.intents.map((one) => (one.attempt === number ? { ...one, ending } : one));
  return { ...attempt, work: { ...attempt.work, intents } };
}

/** Carries what is to be carried, collects what is to be collected, and acts. */
async function doNow(attempt: Attempt, examined: Examined): Promise<Outcome> {
  if ('outcome' in examined) return examined.outcome;
  const there = await carried(attempt, examined.go);
  if ('outcome' in there) return there.outcome;
  const read = await collected(attempt, there.go);
  if ('outcome' in read) return read.outcome;
  return afterDo(attempt, await act(attempt, read.go), read.go);
}

async function owedBy(attempt: Attempt): Promise<readonly OwedRestart[]> {
  const { service } = attempt.work.operation;
  return service === undefined ? [] : attempt.needs.restartsOwed(attempt.name.run, attempt.name.host, service);
}

/** What `do` came to: its exit, the effect read back, what it registers and what it asserts. */
async function afterDo(
  before: Attempt,
  acted: { attempt: Attempt; end: PartEnd; printed: Printed },
  extra: Extra,
): Promise<Outcome> {
  const { attempt, end, printed } = acted;
  if (end.how === 'lost')
    return attempt === before
      ? { ending: 'unknown', failure: end.failure }
      : settle(attempt, extra, 'step/outcome-unknown', end.failure);
  if (end.how !== 'exited') return endedBadly(attempt, end, true);
  if (end.code === attempt.work.operation.do.refusal) return refusedBy(attempt, end.code, printed);
  if (!(attempt.work.operation.do.doneExits ?? [0]).includes(end.code)) return exitedWith(attempt, end.code, printed);
  return readBack(attempt, async (reached) => proven(reached, extra, end.code, printed));
}

/**
 * Reading back only looks, so that a connection lost in it is no reason to know less: the host is asked again.
 *
 * @param known - why the outcome was unknown before, where it was
 */
async function readBack(
  attempt: Attempt,
  proof: (attempt: Attempt) => Promise<Outcome>,
  known?: Failure,
): Promise<Outcome> {
  try {
    return await untilAnswered(attempt, proof);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return { ending: 'unknown', failure: known ?? error.failure };
  }
}

async function proven(attempt: Attempt, extra: Extra, exit: number, printed: Printed): Promise<Outcome> {
  const proof = await prove(attempt, extra);
  if ('unproven' in proof) return proof.unproven;
  const images = await leaveImage(attempt, extra, proof.image);
  const unread = await valuesKept(attempt);
  if (unread) return { ...unread, ...images };
  const registered = await register(attempt, exit);
  if ('outcome' in registered) return { ...registered.outcome, exit, ...images };
  const failed = await broken(attempt, registered.values);
  if (failed) return { ...failed, exit, ...images, registered: registered.values };
  if (extra.owed && extra.owed.length > 0) await attempt.needs.payRestarts(attempt.name.run, extra.owed);
  return {
    ending: 'done',
    exit,
    registered: registered.values,
    ...images,
    summary: lastWords(attempt, printed.stdout),
  };
}

/** An unknown outcome that the step's own verify may settle; without one it stays unknown. */
async function settle(
  attempt: Attempt,
  extra: Extra,
  why: 'host/journal-lost' | 'host/rebooted' | 'step/outcome-unknown',
  failure = failureOf(
    attempt,
    why,
    'whether the step took effect is not known',
    'look at the host; then retry, skip or undo',
  ),
): Promise<Outcome> {
  if (!attempt.work.operation.verify) return { ending: 'unknown', failure };
  const settled = async (reached: Attempt): Promise<Outcome> => {
    const proof = await prove(reached, extra);
    if ('unproven' in proof) return { ending: 'unknown', failure };
    return {
      ending: 'done',
      summary: 'its effect was read back after its outcome had been unknown',
      ...(await leaveImage(reached, extra, proof.image)),
    };
  };
  return readBack(attempt, settled, failure);
}

function refusedBy(attempt: Attempt, code: number, printed: Printed): Outcome {
  const known = `it refused (exit ${code}): ${said(attempt, printed)}; nothing was changed`;
  return {
    ending: 'refused',
    exit: code,
    failure: failureOf(attempt, 'step/refused', known, 'put right what it says on the host, then retry'),
  };
}

async function exitedWith(attempt: Attempt, code: number, printed: Printed): Promise<Outcome> {
  const known = `it exited with ${code}: ${said(attempt, printed)}; something may have happened`;
  const outcome: Outcome = {
    ending: 'partial',
    exit: code,
    failure: failureOf(attempt, 'step/exit', known, 'read its output; then retry, skip or undo'),
  };
  const registered = await register(attempt, code);
  return 'values' in registered ? { ...outcome, registered: registered.values } : outcome;
}

function said(attempt: Attempt, { stdout, stderr }: Printed): string {
  return lastWords(attempt, stderr) || lastWords(attempt, stdout) || 'no message';
}
