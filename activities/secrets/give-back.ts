import { Failed, type Failure } from '../../model/failure.js';
import type { AwayBack } from '../../model/task/away.js';
import type { PromotionState, SecretNeeds, SecretUndo } from './needs.js';
import { stale } from './promote.js';

/** Makes the former value current again. What the run had made current waits again, as the next one: servers have it. */
export async function giveBack(needs: SecretNeeds, { name, holder, step, work }: SecretUndo): Promise<AwayBack> {
  const tried = `to undo ${step.name} (${name.step}) for ${name.host}`;
  try {
    const before = await needs.stateOf(name.run, work.operation);
    if (!isOurs(before, name.run)) return nothingToGiveBack(before, tried);
    if (!(await needs.holds(name, holder))) throw stale(tried);
    await needs.giveBack(name.run, work.operation);
    const after = await needs.stateOf(name.run, work.operation);
    if (isOurs(after, name.run)) throw new Error(`${after.stored} did not go back`);
    return nothingToGiveBack(after, tried);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return { outcome: 'undo_failed', failure: error.failure, summary: error.failure.known };
  }
}

/** Where a later run has gone back to the value of this one, nobody is named any more. */
function isOurs({ version, taken, run }: PromotionState, own: string): boolean {
  return version === taken && (run ?? own) === own;
}

function nothingToGiveBack({ stored, version, after }: PromotionState, tried: string): AwayBack {
  if (version === after) return { outcome: 'undone', summary: `version ${version} of ${stored} is current` };
  const failure: Failure = {
    kind: 'undo/changed-since',
    tried,
    known: `version ${version} of ${stored} has become current since; it was left so`,
    next: 'see which value the servers have (`belay secret list`); then `skip`, or put it right and `retry`',
  };
  return { outcome: 'decide', failure, summary: failure.known };
}
