import { Failed } from '../../model/failure.js';
import type { Script } from '../../model/operation.js';
import { endedBadly, failureOf, lastWords, look, type Attempt, type Extra, type Outcome } from './attempt.js';

/** How the attempt ends for lack of proof, or that the effect is there; with its image where that was read with it. */
export type Proof = { readonly unproven: Outcome } | { readonly image?: string };

/**
 * Reads the effect back.
 *
 * @throws Failed where the connection is lost meanwhile
 */
export async function prove(attempt: Attempt, extra: Extra): Promise<Proof> {
  const { verify } = attempt.work.operation;
  if (!verify) return {};
  const { end, stdout, stderr } = await lookOrLose(attempt, 'verify', verify, extra);
  if (end.how === 'exited' && end.code === 0) return verify.printsImage ? { image: stdout.trim() } : {};
  if (end.how !== 'exited')
    return { unproven: { ...endedBadly(attempt, end, true), ending: end.how === 'lost' ? 'unknown' : 'partial' } };
  return { unproven: notThere(attempt, end.code, lastWords(attempt, stderr || stdout) || 'no message') };
}

function notThere(attempt: Attempt, exit: number, said: string): Outcome {
  return {
    ending: 'partial',
    exit,
    failure: failureOf(
      attempt,
      'step/verify-failed',
      `it ran, but its effect was not there when read back: ${said}`,
      'look at the host; then retry, skip or undo',
    ),
  };
}

/**
 * The image of what this attempt left, kept in the journal so that undo can tell it from later work.
 *
 * @param read - what `prove` has read already
 * @throws Failed as `prove`
 */
export async function leaveImage(
  attempt: Attempt,
  extra: Extra,
  read: string | undefined,
): Promise<{ preImage?: string; postImage?: string }> {
  const { capture } = attempt.work.operation;
  if (!capture) return {};
  const postImage = read ?? (await presentImage(attempt, capture, extra));
  const preImage =
    postImage === undefined
      ? (await attempt.session.look(attempt.task)).preImage
      : await attempt.session.keepPostImage(attempt.task, postImage);
  return { ...(postImage === undefined ? {} : { postImage }), ...(preImage === undefined ? {} : { preImage }) };
}

async function presentImage(attempt: Attempt, capture: Script, extra: Extra): Promise<string | undefined> {
  const { end, stdout } = await lookOrLose(attempt, 'present', capture, extra);
  return end.how === 'exited' && end.code === 0 ? stdout.trim() : undefined;
}

async function lookOrLose(...asked: Parameters<typeof look>): ReturnType<typeof look> {
  const seen = await look(...asked);
  if (seen.end.how === 'lost' && seen.end.failure.kind === 'host/unreachable') throw new Failed(seen.end.failure);
  return seen;
}
