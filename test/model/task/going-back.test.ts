import { expect, it } from 'vitest';
import { goingBack, type Done, type GoingBack } from '../../../model/task/going-back.js';

const cases: readonly [string, Done, GoingBack][] = [
  ['what is as before is left alone', { preImage: 'A', postImage: 'B', present: 'A', leaseKept: true }, 'already-back'],
  ['what we left is restored', { preImage: 'A', postImage: 'B', present: 'B', leaseKept: false }, 'restore'],
  [
    "somebody's later work is not overwritten",
    { preImage: 'A', postImage: 'B', present: 'C', leaseKept: true },
    'decide',
  ],
  [
    'our half-done effect is restored while nobody else was allowed in',
    { preImage: 'A', present: 'C', leaseKept: true },
    'restore',
  ],
  [
    'a half-done effect is not ours to judge once others were allowed in',
    { preImage: 'A', present: 'C', leaseKept: false },
    'decide',
  ],
  [
    'an undo of ours that failed half way goes on',
    { preImage: 'A', postImage: 'B', present: 'B unfinished', leaseKept: false },
    'restore',
  ],
  [
    'an undo of ours that only has to tidy up goes on',
    { preImage: 'A', postImage: 'B', present: 'A unfinished', leaseKept: false },
    'restore',
  ],
  [
    "somebody's later work is not overwritten though an undo of ours has begun",
    { preImage: 'A', postImage: 'B', present: 'C unfinished', leaseKept: true },
    'decide',
  ],
  ['without a pre-image there is nothing to restore', { postImage: 'B', present: 'B', leaseKept: true }, 'decide'],
];
it.each(cases)('%s', (_name, done, expected) => {
  expect(goingBack(done)).toBe(expected);
});
