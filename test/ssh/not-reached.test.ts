import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import type { StepNeeds } from '../../activities/ssh/needs.js';
import { runHostStep } from '../../activities/ssh/run-step.js';
import { Failed, type FailureKind } from '../../model/failure.js';
import type { Result } from '../../model/record.js';
import type { EarlierIntent } from '../../model/task/beginning.js';
import { step } from '../database/example.js';

/** What is written of the second attempt on a host that cannot be asked. */
async function second(kind: FailureKind, first?: EarlierIntent['ending'] | 'no end'): Promise<Result | undefined> {
  const written: Result[] = [];
  const ending = first === 'no end' ? {} : { ending: first };
  const intents = first === undefined ? [] : [{ attempt: 1, nonce: 'n1', bootId: 'b1', ...ending }];
  const needs = {
    readWork: async () => ({
      step: step('one', ['a']),
      hosts: new Map([['a', { operation: {}, intents, turn: 0 }]]),
    }),
    beginAttempts: async () => [{ host: 'a', attempt: 2, holder: 7 }],
    writeIntents: async (announced: readonly unknown[]) => expect(announced).toEqual([]),
    writeResults: async (results: readonly Result[]) => void written.push(...results),
    sessions: {
      open: async () => {
        throw new Failed({ kind, tried: 't', known: 'it does not answer', next: 'n' });
      },
    },
    limits: { outcome: 1, look: 1, output: 1 },
  } as unknown as StepNeeds;
  const request = { run: 'r1', phase: 0, wave: 0, step: 'one', hosts: [{ host: 'a', attempt: 2 }] };
  await new MockActivityEnvironment().run(async () => runHostStep(needs, request));
  return written[0];
}

describe('an attempt that does not reach its host', () => {
  it.each([
    ['host/unreachable', 'unknown'],
    ['host/key-changed', 'unknown'],
    ['step/value-unusable', 'unknown'],
    ['host/unreachable', 'no end'],
  ] as const)('leaves unknown what was unknown before: %s, after %s', async (kind, first) => {
    expect(await second(kind, first)).toMatchObject({
      ...{ attempt: 2, ending: 'unknown' },
      failure: { kind, known: 'it does not answer; what an earlier try of it did is still not known' },
    });
  });

  it.each([
    ['host/unreachable', undefined, 'unreachable'],
    ['host/unreachable', 'unreachable', 'unreachable'],
    ['host/unreachable', 'partial', 'unreachable'],
    ['step/value-unusable', 'refused', 'refused'],
  ] as const)('has surely done nothing where that was known: %s, after %s', async (kind, first, ending) => {
    expect(await second(kind, first)).toMatchObject({ ending, failure: { kind, known: 'it does not answer' } });
  });
});
