import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../activities/ssh/attempt.js';
import { restore } from '../../activities/ssh/restore.js';
import type { JournalEntry } from '../../activities/ssh/session.js';
import type { WentBack } from '../../activities/ssh/undo-step.js';
import type { UndoTask } from '../../model/record.js';
import { step } from '../database/example.js';

/** A step taken back on a host on which `present` is there, and whose journal has these images; nothing may be changed there. */
async function takenBack(
  images: Partial<JournalEntry>,
  leaseKept: boolean,
  present = 'running=yes',
): Promise<WentBack> {
  const run = async ({ part }: { part: string }): Promise<unknown> => {
    if (part !== 'present') throw new Error(`${part} is not to run`);
    return { how: 'exited', code: 0, milliseconds: 1, printed: { stdout: `${present}\n`, stderr: '' } };
  };
  const attempt = {
    name: { run: 'run-abcdefgh', step: 'up', host: 'a' },
    task: 'run-abcdefgh.up',
    attempt: 0,
    step: step('up', ['a']),
    work: { operation: { on: 'host', capture: { text: 'state' }, do: { text: 'start' }, undo: { text: 'back' } } },
    session: { run },
    filler: { secrets: [] },
    needs: { limits: { look: 10 } },
    signal: new AbortController().signal,
    detached: new AbortController().signal,
  } as unknown as Attempt;
  const record = { host: 'a', attempt: 1, intent: true, acted: true, state: 'changed', leaseKept } as UndoTask;
  return restore(attempt, record, { claims: [], ...images });
}

describe('a task that a person has to decide about', () => {
  it.each([
    [
      'it was done, and no pre-image was kept',
      { postImage: 'running=yes' },
      'undo/impossible',
      'what was there before is not known, for no pre-image was kept; now it is running=yes, as we left it',
    ],
    [
      'it was done and changed since, and no pre-image was kept',
      { postImage: 'running=no' },
      'undo/impossible',
      'what was there before is not known, for no pre-image was kept; we left running=no, now it is running=yes',
    ],
    [
      'it never finished, and no pre-image was kept',
      {},
      'undo/impossible',
      'what was there before is not known, for no pre-image was kept; now it is running=yes',
    ],
    [
      'it was done and changed since',
      { preImage: 'running=never', postImage: 'running=no' },
      'undo/changed-since',
      'somebody has changed it since: we left running=no, now it is running=yes',
    ],
    [
      'it never finished, and others were allowed there',
      { preImage: 'running=no' },
      'undo/changed-since',
      'the step never finished, and others have been allowed on this host since; now: running=yes',
    ],
  ])('is told why: %s', async (_why, images, kind, known) => {
    expect(await takenBack(images, false)).toMatchObject({
      outcome: 'decide',
      summary: known,
      failure: { kind, known },
    });
  });

  it('is none where what is there is what was there before', async () => {
    expect(await takenBack({ preImage: 'running=yes' }, false)).toMatchObject({ outcome: 'undone' });
  });
});
