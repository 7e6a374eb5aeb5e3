import { expect, test } from 'vitest';
import type { Attempt } from '../../activities/ssh/attempt.js';
import { carryOut } from '../../activities/ssh/carry-out.js';
import type { StepNeeds } from '../../activities/ssh/needs.js';
import type { JournalClaim, PartEnd, Session } from '../../activities/ssh/session.js';
import { createMasker } from '../../model/mask.js';
import type { PlannedStep } from '../../model/plan.js';

/** A host on which the first attempt runs still; it ends with `code` once it is followed. */
function hostWith(code: number, done: string[]): Session {
  const claims: JournalClaim[] = [{ attempt: 1, part: 'do', holder: 1, bootId: 'b1', state: 'running' }];
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
    run: async ({ attempt }: { attempt: number }) => {
      done.push(`began ${attempt}`);
      return ended(attempt, 0);
    },
    output: async () => new Uint8Array(),
  } as unknown as Session;
}

/** The second attempt, after the outcome of the first was given up as unknown. */
async function second(code: number, cancelled = false): Promise<{ ending: string; done: string[] }> {
  const done: string[] = [];
  const session = hostWith(code, done);
  const cancel = new AbortController();
  if (cancelled) cancel.abort();
  const attempt = {
    name: { run: 'r1', step: 'one', host: 'h1' },
    task: 'r1.one',
    attempt: 2,
    holder: 2,
    step: { id: 'one', name: 'It is so', timeout: 30, register: {}, assert: [] } as unknown as PlannedStep,
    work: {
      operation: { on: 'host', do: { text: 'true' } },
      intents: [{ attempt: 1, nonce: 'n1', bootId: 'b1', ending: 'unknown' }],
    },
    session,
    filler: { fill: (one: unknown) => ({ value: String(one), secret: false }), secrets: [] },
    needs: {
      restartsOwed: async () => [],
      outputEnd: async () => 0,
      appendOutput: async () => undefined,
      masker: createMasker,
      limits: { outcome: 5, look: 10, output: 1000 },
    } as unknown as StepNeeds,
    signal: cancel.signal,
    detached: new AbortController().signal,
  } as unknown as Attempt;
  return { ending: (await carryOut(attempt)).ending, done };
}

test('an attempt that runs still is awaited by the next one, which is spared where that has done it', async () => {
  expect(await second(0)).toEqual({ ending: 'done', done: ['ended 1'] });
});

test('an attempt that runs still is awaited by the next one, which begins where that has failed', async () => {
  expect(await second(3)).toEqual({ ending: 'done', done: ['ended 1', 'began 2', 'ended 2'] });
});

test('an attempt that is awaited ends with a cancel, and no other begins', async () => {
  expect(await second(3, true)).toEqual({ ending: 'partial', done: ['ended 1'] });
});
