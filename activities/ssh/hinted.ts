import type { FailureKind } from '../../model/failure.js';
import { adviceFor, type Remains } from '../../model/task/hints.js';
import { masked, type Attempt, type Outcome } from './attempt.js';
import type { SessionPart } from './session.js';

/** Which script failed, where it was not `do`. */
const failedPart: Partial<Readonly<Record<FailureKind, SessionPart>>> = {
  'step/check-failed': 'check',
  'step/capture-failed': 'capture',
  'step/verify-failed': 'verify',
};

/** Bytes of each stream that hints are held against: its end, where errors stand. */
const window = 65_536;

/** The outcome, with the advice of the runbook's hints that know this error. It never makes an outcome worse. */
export async function hinted(attempt: Attempt, outcome: Outcome): Promise<Outcome> {
  const { failure, ending } = outcome;
  const hints = attempt.step.hints ?? [];
  if (failure === undefined || hints.length === 0 || ending === 'unknown' || ending === 'unreachable') return outcome;
  const part = failedPart[failure.kind] ?? 'do';
  const left = await remainsOf(attempt, part);
  const advice = adviceFor(hints, { exit: outcome.exit, ...left });
  return advice.length === 0 ? outcome : { ...outcome, failure: { ...failure, hints: advice } };
}

/** What the script wrote; nothing where it is gone or out of reach. The connection may be one that was lost meanwhile. */
async function remainsOf(attempt: Attempt, part: SessionPart): Promise<Omit<Remains, 'exit'>> {
  const read = async (reached: Attempt): Promise<Omit<Remains, 'exit'>> => ({
    stdout: await lastOf(reached, part, 'stdout'),
    stderr: await lastOf(reached, part, 'stderr'),
  });
  try {
    return await read(attempt);
  } catch {
    const anew = async (): Promise<Omit<Remains, 'exit'>> =>
      read({ ...attempt, session: await attempt.needs.sessions.open(attempt.work.destination, attempt.holder) });
    return anew().catch(() => ({}));
  }
}

async function lastOf(attempt: Attempt, part: SessionPart, stream: 'stdout' | 'stderr'): Promise<string> {
  const name = { task: attempt.task, attempt: attempt.attempt, part, stream };
  let last = Buffer.alloc(0);
  for (let offset = 0; ;) {
    const bytes = Buffer.from(await attempt.session.output(name, offset, window));
    last = Buffer.concat([last, bytes]).subarray(-window);
    offset += bytes.length;
    if (bytes.length < window) return masked(attempt, last.toString('utf8'));
  }
}
