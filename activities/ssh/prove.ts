import { Failed } from '../../model/failure.js';
import { endedBadly, failureOf, lastWords, look, type Attempt, type Extra, type Outcome } from './attempt.js';

/**
 * Reads the effect back. Undefined where it is there; else how the attempt ends for lack of proof.
 *
 * @throws Failed where the connection is lost meanwhile
 */
export async function prove(attempt: Attempt, extra: Extra): Promise<Outcome | undefined> {
  const { verify } = attempt.work.operation;
  if (!verify) return undefined;
  const { end, stdout, stderr } = await lookOrLose(attempt, 'verify', verify, extra);
  if (end.how === 'exited' && end.code === 0) return undefined;
  if (end.how !== 'exited')
    return { ...endedBadly(attempt, end, true), ending: end.how === 'lost' ? 'unknown' : 'partial' };
  const said = lastWords(attempt, stderr || stdout) || 'no message';
  return {
    ending: 'partial',
    exit: end.code,
    failure: failureOf(
      attempt,
      'step/verify-failed',
      `it ran, but its effect was not there when read back: ${said}`,
      'look at the host; then retry, skip or undo',
    ),
  };
}

/** The image of what this attempt left, kept in the journal so that undo can tell it from later work. @throws Failed as `prove` */
export async function leaveImage(attempt: Attempt, extra: Extra): Promise<{ preImage?: string; postImage?: string }> {
  const { capture } = attempt.work.operation;
  if (!capture) return {};
  const { end, stdout } = await lookOrLose(attempt, 'present', capture, extra);
  const preImage = (await attempt.session.look(attempt.task)).preImage;
  if (end.how !== 'exited' || end.code !== 0) return preImage === undefined ? {} : { preImage };
  const postImage = stdout.trim();
  await attempt.session.keepPostImage(attempt.task, postImage);
  return { postImage, ...(preImage === undefined ? {} : { preImage }) };
}

async function lookOrLose(...asked: Parameters<typeof look>): ReturnType<typeof look> {
  const seen = await look(...asked);
  if (seen.end.how === 'lost' && seen.end.failure.kind === 'host/unreachable') throw new Failed(seen.end.failure);
  return seen;
}
