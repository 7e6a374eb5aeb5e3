import { setImmediate } from 'node:timers/promises';
import { ActivityCancellationDetails } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, it } from 'vitest';
import type { StepNeeds } from '../../activities/ssh/needs.js';
import { runHostSteps, type StepsEnded } from '../../activities/ssh/run-steps.js';
import { Failed } from '../../model/failure.js';
import { step } from '../database/example.js';

const ids = ['one', 'two', 'three'];

/** Steps that follow one another on one host, each skipped; and what was asked of the records, in its order. */
async function stretch(
  beginsNext: (id: string) => boolean = () => true,
  reaches: (id: string) => boolean = () => true,
  environment = new MockActivityEnvironment(),
): Promise<{ readonly ended: StepsEnded | Error; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const named = (results: readonly { readonly step: string }[]): string =>
    results.map((result) => result.step).join() || 'nothing';
  const needs = {
    readWork: async ({ step: id }: { step: string }) => ({
      step: step(id, ['a']),
      hosts: new Map([['a', { operation: {}, intents: [], turn: 0 }]]),
    }),
    beginAttempts: async (_run: string, id: string) => {
      asked.push(`begin ${id}`);
      return [{ host: 'a', attempt: 1, holder: 7 }];
    },
    beginNext: async (_run: string, next: Parameters<StepNeeds['beginNext']>[1]) => {
      asked.push(`write ${named(next.ended)} and begin ${next.step}`);
      return beginsNext(next.step) ? next.due : undefined;
    },
    writeIntents: async () => undefined,
    writeResults: async (results: readonly { readonly step: string }[]) => {
      asked.push(`write ${named(results)}`);
    },
    sessions: { open: async () => ({}) },
    render: async ({ step: id }: { step: string }) => {
      if (reaches(id)) return { when: false, values: {} };
      throw new Failed({ kind: 'host/unreachable', tried: 't', known: 'k', next: 'n' });
    },
    limits: { outcome: 1, look: 1, output: 1 },
  } as unknown as StepNeeds;
  const steps = ids.map((id) => ({ step: id, hosts: [{ host: 'a', attempt: 1 }] }));
  const request = { run: 'run-abcdefgh', steps };
  const run = async (): Promise<StepsEnded> => runHostSteps(needs, request as never);
  const ended = (await environment.run(run).catch((error: unknown) => error)) as StepsEnded | Error;
  return { ended, asked };
}

describe('steps that follow one another', () => {
  it('are written with the beginning of the next one, and the last one by itself', async () => {
    const { ended, asked } = await stretch();
    expect(ended).toMatchObject({ steps: ids });
    expect(asked).toEqual(['begin one', 'write one and begin two', 'write two and begin three', 'write three']);
  });

  it('are written once where the next one does not begin', async () => {
    const { ended, asked } = await stretch((id) => id !== 'three');
    expect(ended).toMatchObject({ steps: ['one', 'two'] });
    expect(asked).toEqual(['begin one', 'write one and begin two', 'write two and begin three']);
  });

  it('are written by themselves where one did not end well, and nothing more begins', async () => {
    const { ended, asked } = await stretch(undefined, (id) => id !== 'two');
    expect(ended).toMatchObject({ steps: ['one', 'two'], ended: [{ ending: 'unreachable' }] });
    expect(asked).toEqual(['begin one', 'write one and begin two', 'write two']);
  });

  it('are not written by a worker that no longer looks after them', async () => {
    const environment = new MockActivityEnvironment();
    const leave = (id: string): boolean => {
      if (id === 'three') environment.cancel('NOT_FOUND', new ActivityCancellationDetails({ notFound: true }));
      return true;
    };
    const { ended, asked } = await stretch(undefined, leave, environment);
    await setImmediate();
    expect(ended).toMatchObject({ type: 'Detached' });
    expect(asked).toEqual(['begin one', 'write one and begin two', 'write two and begin three']);
  });

  it('are followed by none where the worker no longer looks after them as the next one would begin', async () => {
    const environment = new MockActivityEnvironment();
    environment.on('heartbeat', (at: unknown) => {
      if (at === 'three') environment.cancel('NOT_FOUND', new ActivityCancellationDetails({ notFound: true }));
    });
    const { ended, asked } = await stretch(undefined, undefined, environment);
    expect(ended).toMatchObject({ type: 'Detached' });
    expect(asked).toEqual(['begin one', 'write one and begin two']);
  });
});
