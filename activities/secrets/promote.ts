import { Failed, type Failure } from '../../model/failure.js';
import { awayIntent, mayHaveChanged, type AwayOutcome } from '../../model/task/away.js';
import type { PromotionState, SecretAttempt, SecretNeeds } from './needs.js';

/**
 * Makes the next value that the run has taken the current one. The store says who made a value current, so whoever
 * takes this up after a crash knows whether it was this run.
 */
export async function promote(needs: SecretNeeds, attempt: SecretAttempt): Promise<AwayOutcome> {
  const { name, work, cancelled } = attempt;
  const acted = mayHaveChanged(work.intents);
  const tried = `${attempt.step.name} (${name.step}) for ${name.host}, attempt ${attempt.attempt}`;
  try {
    // Opening the value proves that it is not lost with an old key of the worker.
    const { when } = await needs.values(name, work.operation);
    if (!when && !acted) return { ending: 'skipped', summary: 'its `when` does not hold' };
    const before = await needs.stateOf(name.run, work.operation);
    if (isPromoted(before)) return alreadyCurrent(before, name.run, acted);
    const problem = whyNotPromote(before);
    if (problem !== undefined) return refused({ tried, ...problem });
    if (cancelled.aborted) return refused(cancelledBefore(tried));
    await needs.announce(awayIntent(attempt));
    if (!(await needs.holds(name, attempt.holder))) throw stale(tried);
    await needs.promote(name.run, work.operation);
    const after = await needs.stateOf(name.run, work.operation);
    if (isPromoted(after)) return alreadyCurrent(after, name.run, true);
    return refused({ tried, ...(whyNotPromote(after) ?? notMoved(after)) });
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return { ...refused(error.failure), ...(acted && { ending: 'unknown' }) };
  }
}

function isPromoted({ version, taken }: PromotionState): boolean {
  return taken === version;
}

function alreadyCurrent({ stored, version, run, after }: PromotionState, own: string, acted: boolean): AwayOutcome {
  if (run === own && acted)
    return { ending: 'done', summary: `version ${version} of ${stored} is current now, after version ${after}` };
  return { ending: 'ok', summary: `version ${version} of ${stored} is current already` };
}

/** What stands in the way, as far as it is known before anything is changed. */
export function whyNotPromote(state: PromotionState): Pick<Failure, 'kind' | 'known' | 'next'> | undefined {
  const { stored, taken, version, after, next } = state;
  if (taken !== undefined && version === after && next === taken) return undefined;
  const what =
    taken === undefined
      ? 'the run has taken no next value of it'
      : version === after
        ? `version ${taken}, which the run has taken, does not wait any more`
        : `version ${version} has become current since the plan was made, which knows version ${after}`;
  return {
    kind: 'step/refused',
    known: `${stored}: ${what}; which value is current was not changed`,
    next: `undo, so that every place has the value that is current (\`belay secret list\`); then plan again`,
  };
}

function notMoved({ stored, version }: PromotionState): Pick<Failure, 'kind' | 'known' | 'next'> {
  return { kind: 'step/refused', known: `version ${version} of ${stored} is still current`, next: 'retry, or undo' };
}

function cancelledBefore(tried: string): Failure {
  return {
    kind: 'step/cancelled',
    tried,
    known: 'it was cancelled; nothing was changed',
    next: 'resume, retry or undo',
  };
}

/** Somebody else acts for this host. */
export function stale(tried: string): Failed {
  return new Failed({
    kind: 'host/stale-holder',
    tried,
    known: 'somebody else acts on this host now; nothing more was changed',
    next: 'nothing; the newer one goes on',
  });
}

function refused(failure: Failure): AwayOutcome {
  return { ending: 'refused', summary: failure.known, failure };
}
