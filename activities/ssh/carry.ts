import { createHash } from 'node:crypto';
import { Failed } from '../../model/failure.js';
import { carriedLimit, type Carried } from '../../model/operation.js';
import type { Examined } from './examine.js';
import { failureOf, type Attempt, type CarriedFile, type Extra } from './attempt.js';

/** Bytes of a piece; two of them are in memory at a time. */
const pieceSize = 1024 * 1024;

/** The file that is to be carried, as it is now; an outcome where it is not there or too large. */
export async function measured(attempt: Attempt, extra: Extra): Promise<Examined> {
  const { carried: file } = attempt.work.operation;
  return file ? unlessFailed(async () => ({ ...extra, carried: await measure(attempt, file) })) : { go: extra };
}

/** Carries the file where there is one; an outcome where it is not what was measured. */
export async function carried(attempt: Attempt, extra: Extra): Promise<Examined> {
  const { carried: file } = extra;
  if (!file) return { go: extra };
  return unlessFailed(async () => {
    await carry(attempt, file);
    return extra;
  });
}

/** This attempt has claimed nothing yet, so whatever fails here has surely changed nothing. */
export async function unlessFailed(work: () => Promise<Extra>): Promise<Examined> {
  try {
    return { go: await work() };
  } catch (error) {
    if (!(error instanceof Failed) || error.failure.kind === 'host/stale-holder') throw error;
    const ending = error.failure.kind.startsWith('host/') ? 'unreachable' : 'refused';
    return { outcome: { ending, failure: error.failure } };
  }
}

async function measure(attempt: Attempt, { host, path: named }: Carried): Promise<CarriedFile> {
  const path = attempt.filler.fill(named).value;
  const source = await attempt.needs.source(attempt.name.run, host);
  const there = await source.measure(path, carriedLimit);
  const where = `${path} on ${host}`;
  if (!there) throw refused(attempt, `${where} is no file that can be read`, 'see that it is there, then retry');
  const { size, sha256 } = there;
  if (sha256 !== undefined) return { source, path, size, sha256 };
  throw refused(
    attempt,
    `${where} has ${size} bytes, and at most ${carriedLimit} are carried`,
    'bring it there otherwise',
  );
}

/** In pieces into the task's folder on its host: the next one is read while one is written. */
async function carry(attempt: Attempt, file: CarriedFile): Promise<void> {
  const deadline = AbortSignal.timeout(attempt.step.timeout * 1000);
  const sum = createHash('sha256');
  let next = piece(file, 0);
  // One that nobody comes to await any more is no news.
  next.catch(() => undefined);
  for (let index = 0; index === 0 || index * pieceSize < file.size; index++) {
    mayGoOn(attempt, deadline);
    const bytes = await next;
    next = piece(file, index + 1);
    next.catch(() => undefined);
    sum.update(bytes);
    const there = await attempt.session.carry(attempt.task, index, bytes);
    if (there !== index * pieceSize + bytes.length)
      throw refused(attempt, 'a piece of it could not be kept', 'see that there is room on the host, then retry');
  }
  if (sum.digest('hex') === file.sha256) return;
  throw refused(attempt, `${file.path} changed while it was read`, 'retry when nobody writes to it');
}

async function piece({ source, path, size }: CarriedFile, index: number): Promise<Uint8Array> {
  const length = Math.min(pieceSize, size - index * pieceSize);
  return length > 0 ? source.piece(path, index, length) : new Uint8Array();
}

function mayGoOn(attempt: Attempt, deadline: AbortSignal): void {
  if (attempt.signal.aborted)
    throw new Failed(
      failureOf(attempt, 'step/cancelled', 'it was cancelled; nothing was changed', 'resume, retry or undo the run'),
    );
  if (deadline.aborted)
    throw new Failed(
      failureOf(
        attempt,
        'step/timed-out',
        'it was not carried in time; nothing was changed',
        'raise `timeout`, then retry',
      ),
    );
}

function refused(attempt: Attempt, known: string, next: string): Failed {
  return new Failed(failureOf(attempt, 'step/refused', `${known}; nothing was changed`, next));
}
