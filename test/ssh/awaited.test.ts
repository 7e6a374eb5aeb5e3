import { expect, test } from 'vitest';
import { carryOut } from '../../activities/ssh/carry-out.js';
import type { Destination, JournalClaim, PartEnd, Session } from '../../activities/ssh/session.js';
import type { PlannedStep } from '../../model/plan.js';
import { attemptOf } from './attempt.js';

/** A host on which the first attempt runs still, or has ended; with `code`, as is heard once it is followed. */
function hostWith(code: number, done: string[], state: JournalClaim['state'], isSo: boolean): Session {
  const claims: JournalClaim[] = [{ attempt: 1, part: 'do', holder: 1, bootId: 'b1', state }];
  const ended = async (attempt: number, exit: number): Promise<PartEnd> => {
    done.push(`ended ${attempt}`);
    const claim = { attempt, part: 'do', holder: 1, bootId: 'b1', state: 'exited', code: exit } as const;
    claims.splice(0, claims.length, ...claims.filter((one) => one.attempt !== attempt), claim);
    return { how: 'exited', code: exit, milliseconds: 1, printed: { stdout: '', stderr: '' } };
  };
  return {
    nonce: 'n1',
    bootId: 'b1',
    look: async () => ({ claims: [...claims] }),
    follow: async ({ attempt }: { attempt: number }) => ended(attempt, code),
    run: async ({ attempt, part }: { attempt: number; part: string }, _watch: unknown, signal?: AbortSignal) => {
      if (signal?.aborted)
        return { how: 'refused', failure: { kind: 'step/cancelled', tried: 't', known: 'k', next: 'n' } };
      if (part === 'verify') {
        const there = isSo || done.includes('began 2');
        return { how: 'exited', code: there ? 0 : 1, milliseconds: 1, printed: { stdout: '', stderr: '' } };
      }
      done.push(`began ${attempt}`);
      return ended(attempt, 0);
    },
    output: async () => new Uint8Array(),
  } as unknown as Session;
}

/** The second attempt, after the outcome of the first was given up as unknown. */
async function second(
  code: number,
  {
    cancelled = false,
    state = 'running',
    verify,
  }: { cancelled?: boolean; state?: JournalClaim['state']; verify?: 'so' | 'not so' } = {},
): Promise<{ ending: string; done: string[] }> {
  const done: string[] = [];
  const session = hostWith(code, done, state, verify === 'so');
  const cancel = new AbortController();
  if (cancelled) cancel.abort();
  const attempt = attemptOf({
    name: { run: 'r1', step: 'one', host: 'h1' },
    attempt: 2,
    holder: 2,
    step: { id: 'one', name: 'It is so', timeout: 30, register: {}, assert: [] } as unknown as PlannedStep,
    work: {
      destination: { host: 'h1' } as Destination,
      operation: { on: 'host', do: { text: 'true' }, ...(verify && { verify: { text: 'is it so?' } }) },
      intents: [{ attempt: 1, nonce: 'n1', bootId: 'b1', ending: 'unknown' }],
    },
    session,
    signal: cancel.signal,
  });
  return { ending: (await carryOut(attempt)).ending, done };
}

test('an attempt that runs still is awaited by the next one, which is spared where that has done it', async () => {
  expect(await second(0)).toEqual({ ending: 'done', done: ['ended 1'] });
});

test('an attempt that runs still is awaited by the next one, which begins where that has failed', async () => {
  expect(await second(3)).toEqual({ ending: 'done', done: ['ended 1', 'began 2', 'ended 2'] });
});

test('an attempt that is awaited ends with a cancel, and no other begins', async () => {
  expect(await second(3, { cancelled: true })).toEqual({ ending: 'partial', done: ['ended 1'] });
});

test.each([
  ['taken where its effect is there, and nothing is done again', 0, 'so', ['ended 1']],
  ['no use where its effect is not there: it is done again', 0, 'not so', ['ended 1', 'began 2', 'ended 2']],
  ['no use where it has failed: it is done again', 3, 'so', ['ended 1', 'began 2', 'ended 2']],
  ['not asked for where the step cannot tell whether its effect is there', 0, undefined, ['began 2', 'ended 2']],
] as const)('the end of an attempt that nobody has heard of is %s', async (_what, code, verify, done) => {
  const said = verify === undefined ? {} : { verify };
  expect(await second(code, { state: 'exited', ...said })).toEqual({ ending: 'done', done });
});

test('an attempt that is cancelled before it begins leaves unknown what was unknown before', async () => {
  expect(await second(0, { cancelled: true, state: 'dead' })).toEqual({ ending: 'unknown', done: [] });
});
