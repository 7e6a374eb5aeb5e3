import { endedBadly, failureOf, lastWords, look, type Attempt, type Extra, type Outcome } from './attempt.js';

/** Largest file that a transform may edit, bytes. */
const contentLimit = 16 * 1024 * 1024;

/** What looking before acting came to: an outcome (nothing to do, or no way to go on), or what `do` will need. */
export type Examined = { readonly outcome: Outcome } | { readonly go: Extra };

const alreadySo: Outcome = { ending: 'ok', summary: 'already so' };

/** Check and capture: is it already so, and what is there now? Nothing outside the journal is changed. */
export async function examine(attempt: Attempt, extra: Extra): Promise<Examined> {
  const { check, capture } = attempt.work.operation;
  if (check && capture?.alreadySo === undefined) {
    const { end, stderr } = await look(attempt, 'check', check, extra);
    if (end.how !== 'exited') return { outcome: endedBadly(attempt, end, false) };
    if (end.code === 0) return { outcome: alreadySo };
    if (end.code !== 1) return { outcome: failed(attempt, 'step/check-failed', 'check', end.code, stderr) };
  }
  if (capture) {
    const { end, stderr } = await look(attempt, 'capture', capture, extra);
    if (end.how !== 'exited') return { outcome: endedBadly(attempt, end, false) };
    if (end.code === capture.alreadySo) return { outcome: alreadySo };
    if (end.code !== 0) return { outcome: failed(attempt, 'step/capture-failed', 'capture', end.code, stderr) };
  }
  return transformed(attempt, extra);
}

/**
 * What `do` will read, computed from what capture saved. After a claim this is all that is done again: the same
 * pre-image gives the same input.
 */
export async function transformed(attempt: Attempt, extra: Extra, acted = false): Promise<Examined> {
  const { transform } = attempt.work.operation;
  if (!transform) return { go: extra };
  const content = await attempt.session.saved(attempt.task, 'content', contentLimit);
  if (!content) return { outcome: noContent(attempt, acted) };
  try {
    const result = await attempt.needs.transform(transform, content, attempt.filler);
    if (!acted && Buffer.from(result).equals(content)) return { outcome: alreadySo };
    return { go: { ...extra, stdin: result } };
  } catch (error) {
    const why = lastWords(attempt, error instanceof Error ? error.message : String(error));
    return {
      outcome: {
        ending: acted ? 'unknown' : 'refused',
        failure: failureOf(
          attempt,
          'step/transform-failed',
          `${why}; nothing was changed by this attempt`,
          'correct the runbook or the file, then retry',
        ),
      },
    };
  }
}

function failed(
  attempt: Attempt,
  kind: 'step/check-failed' | 'step/capture-failed',
  part: string,
  code: number,
  stderr: string,
): Outcome {
  const known = `its ${part} exited with ${code}: ${lastWords(attempt, stderr) || 'no message'}; nothing was changed`;
  return {
    ending: 'refused',
    exit: code,
    failure: failureOf(attempt, kind, known, 'put right what it says on the host, then retry'),
  };
}

function noContent(attempt: Attempt, acted: boolean): Outcome {
  return {
    ending: acted ? 'unknown' : 'refused',
    failure: failureOf(
      attempt,
      'step/capture-failed',
      'the content that was to be edited is not in the journal, or is larger than 16 MiB',
      'look at the file on the host; use a `file` step for big files',
    ),
  };
}
