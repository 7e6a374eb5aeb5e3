import type { Script } from '../../model/operation.js';
import type { UndoTask } from '../../model/record.js';
import { goingBack } from '../../model/task/going-back.js';
import { failureOf, lastWords, look, ready, type Attempt } from './attempt.js';
import { recordOutput } from './record-output.js';
import type { JournalEntry, PartEnd } from './session.js';
import { decideBecause, type WentBack } from './undo-step.js';

/** Puts the pre-image back, if what is there now is what we left; proves it by reading the state back. */
export async function restore(attempt: Attempt, record: UndoTask, journal: JournalEntry): Promise<WentBack> {
  const present = await image(attempt);
  if (typeof present !== 'string') return present;
  const preImage = journal.preImage ?? record.preImage;
  const postImage = journal.postImage ?? record.postImage;
  const way = goingBack({
    present,
    leaseKept: record.leaseKept,
    ...(preImage === undefined ? {} : { preImage }),
    ...(postImage === undefined ? {} : { postImage }),
  });
  if (way === 'already-back') return { outcome: 'undone', summary: 'it was as before already' };
  if (preImage === undefined) return decideBecause(attempt, 'undo/impossible', notKnownBefore(present, postImage));
  if (way === 'decide') return decideBecause(attempt, 'undo/changed-since', changedSince(present, postImage));
  const end = await actBack(attempt, attempt.work.operation.undo, journal);
  if (end.how !== 'exited' || end.code !== 0) return notRestored(attempt, ended(end));
  const now = await image(attempt);
  if (typeof now !== 'string') return now;
  return now === preImage
    ? { outcome: 'undone', summary: 'restored and read back' }
    : notRestored(attempt, 'what was read back is not what was there before');
}

/** The line that names the state that is there now. */
async function image(attempt: Attempt): Promise<string | WentBack> {
  const { capture } = attempt.work.operation;
  if (!capture) return notRestored(attempt, 'the step has no capture to compare with');
  const { end, stdout, stderr } = await look(attempt, 'present', capture);
  if (end.how === 'exited' && end.code === 0) return stdout.trim();
  return notRestored(
    attempt,
    `the present state could not be read: ${end.how === 'exited' ? lastWords(attempt, stderr) : end.how}`,
  );
}

/**
 * Runs a script that goes back. Going back is repeatable (it puts back exact bytes), so each try is a new claim.
 */
export async function actBack(before: Attempt, script: Script | undefined, journal: JournalEntry): Promise<PartEnd> {
  const attempt = { ...before, attempt: nextTry(journal) };
  if (!script)
    return {
      how: 'refused',
      failure: failureOf(attempt, 'undo/impossible', 'the step has no way back', 'put it right by hand, then skip'),
    };
  const watch = recordOutput(attempt, 'undo');
  const end = await attempt.session.run(
    {
      task: attempt.task,
      attempt: attempt.attempt,
      part: 'undo',
      holder: attempt.holder,
      script: ready(attempt, script),
      seconds: attempt.step.timeout,
      outputLimit: attempt.needs.limits.output,
    },
    watch.chunk,
    attempt.signal,
  );
  await watch.end();
  return end;
}

function nextTry(journal: JournalEntry): number {
  return 1 + Math.max(0, ...journal.claims.filter((claim) => claim.part === 'undo').map((claim) => claim.attempt));
}

/** An end in words. */
export function ended(end: PartEnd): string {
  if (end.how === 'exited') return `it exited with ${end.code}`;
  return end.how === 'refused' || end.how === 'lost' ? end.failure.known : `it was ${end.how}`;
}

function notRestored(attempt: Attempt, known: string): WentBack {
  const failure = failureOf(
    attempt,
    'undo/not-restored',
    known,
    'look at the output of its undo; `retry`, or put it right by hand and `skip`',
  );
  return { outcome: 'undo_failed', failure, summary: known };
}

function changedSince(present: string, postImage: string | undefined): string {
  if (postImage === undefined)
    return `the step never finished, and others have been allowed on this host since; now: ${present}`;
  return `somebody has changed it since: we left ${postImage}, now it is ${present}`;
}

function notKnownBefore(present: string, postImage: string | undefined): string {
  const left = postImage === undefined || postImage === present ? '' : `we left ${postImage}, `;
  const still = postImage === present ? ', as we left it' : '';
  return `what was there before is not known, for no pre-image was kept; ${left}now it is ${present}${still}`;
}
