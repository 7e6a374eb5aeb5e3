import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Attempt, CarriedFile } from '../../activities/ssh/attempt.js';
import { carried } from '../../activities/ssh/carry.js';
import { step } from '../database/example.js';

const measured = Buffer.from('what it was when it was measured');

test.each([
  ['as it was measured', measured, 'carried'],
  ['otherwise', Buffer.from('what it is when it is being read'), 'step/refused'],
])('a file that is read %s is carried or refused', async (_, read, comes) => {
  const sha256 = createHash('sha256').update(measured).digest('hex');
  const file = { source: { piece: async () => read }, path: '/a', size: measured.length, sha256 };
  const attempt = {
    name: { run: 'r', step: 'copy', host: 'here' },
    ...{ task: 'r.copy', attempt: 1, step: step('copy', ['here']), signal: new AbortController().signal },
    session: { carry: async (_task: string, index: number, bytes: Uint8Array) => index + bytes.length },
  } as unknown as Attempt;
  const came = await carried(attempt, { owed: [], carried: file as unknown as CarriedFile });
  expect('go' in came ? 'carried' : came.outcome.failure?.kind).toBe(comes);
});
