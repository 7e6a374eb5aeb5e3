import { Failed, type Failure } from '../../model/failure.js';
import type { AwayBack } from '../../model/task/away.js';
import { checkOnce, checkUntilAnswered, type Checked } from './check.js';
import { exchange } from './exchange.js';
import { unexpected } from './expected.js';
import { notAsExpected, notSent, outcomeUnknown, stale, type Trying } from './failures.js';
import type { HttpNeeds, HttpUndo } from './needs.js';
import { readyOperation } from './ready-request.js';

/** Sends the request that takes a step back. It does no harm when it is repeated, so it is, until it is answered. */
export async function takeBack(needs: HttpNeeds, undo: HttpUndo): Promise<AwayBack> {
  const { name, step, work } = undo;
  if (!work.operation.undo) return { outcome: 'undone', idle: true, summary: 'by the plan it changed nothing' };
  const trying = { tried: `to undo ${step.name} (${name.step}) for ${name.host}` };
  try {
    return await send(needs, undo, trying);
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    return withFailure(error.failure);
  }
}

async function send(needs: HttpNeeds, { name, holder, step, work }: HttpUndo, trying: Trying): Promise<AwayBack> {
  const { check, undo } = readyOperation(work.operation, await needs.values(name, work.operation));
  if (!undo) throw new Error(`step ${name.step} has no way back`);
  const about = { tried: `${trying.tried}: ${undo.method} ${undo.url.href}` };
  const stop = AbortSignal.timeout(step.seconds * 1000);
  const before = check && (await checkOnce(needs, check, about, stop));
  if (before?.so === false) return { outcome: 'undone', summary: 'the check shows that it is not so' };
  if (before?.so === undefined && before) return withFailure(before.failure);
  if (!(await needs.holds(name, holder))) throw stale(about);
  const sent = await exchange(needs, undo, stop);
  if (sent.how === 'not-sent') return withFailure(notSent(about, sent.why));
  const after = check && (await checkUntilAnswered(needs, check, about));
  if (after) return byCheck(after, about);
  if (sent.how === 'lost')
    return withFailure({ ...outcomeUnknown(about, `the answer was lost (${sent.why})`), kind: 'http/unreachable' });
  const problem = unexpected(undo.expect, sent.answer);
  if (problem !== undefined) return withFailure(notAsExpected(about, problem, 'perhaps'));
  return { outcome: 'undone', summary: `answered with status ${sent.answer.status}` };
}

/** The state decides, whatever the answer was. */
function byCheck(after: Checked, { tried }: Trying): AwayBack {
  if (after.so === undefined) return withFailure(after.failure);
  if (!after.so) return { outcome: 'undone', summary: 'taken back, and the check shows it' };
  return withFailure({
    kind: 'undo/not-restored',
    tried,
    known: 'the request was sent, but the check shows that it is still so',
    next: 'look at the server; put it right and `retry`, or leave it with `skip`',
  });
}

function withFailure(failure: Failure): AwayBack {
  return { outcome: 'undo_failed', failure, summary: failure.known };
}
