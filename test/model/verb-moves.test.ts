import { expect, it } from 'vitest';
import { verbs } from '../../model/record.js';
import { verbStates, whyNot } from '../../model/verb-moves.js';

it('obeys each verb in exactly these states', () => {
  const obeyed = Object.fromEntries(
    verbs.map((verb) => [verb, verbStates.filter((state) => whyNot(verb, state) === undefined)]),
  );
  expect(obeyed).toEqual({
    approve: [
      'running',
      'pausing',
      'paused',
      'waiting/approval',
      'waiting/decision',
      'waiting/leases',
      'waiting/budget',
    ],
    reject: ['waiting/approval'],
    pause: ['running'],
    resume: ['paused'],
    retry: ['paused', 'waiting/decision', 'waiting/undo-decision'],
    skip: ['paused', 'waiting/decision', 'waiting/undo-decision'],
    cancel: [
      'running',
      'pausing',
      'paused',
      'waiting/approval',
      'waiting/decision',
      'waiting/leases',
      'waiting/budget',
      'waiting/undo-leases',
    ],
    undo: [
      'running',
      'pausing',
      'paused',
      'succeeded',
      'failed',
      'undo_incomplete',
      'rejected',
      'timed_out',
      'cancelled',
      'waiting/approval',
      'waiting/decision',
      'waiting/leases',
      'waiting/budget',
    ],
  });
});

it('says where the run stands and when the verb is possible', () => {
  expect(whyNot('resume', 'running')).toBe('the run is running; resume is possible when it is paused');
  expect(whyNot('retry', 'succeeded')).toBe('the run has ended (succeeded); retry is for open runs');
  expect(whyNot('reject', 'waiting/decision')).toBe(
    'the run is waiting for a decision; reject is possible when it is waiting for approval',
  );
});
