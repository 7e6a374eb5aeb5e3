import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phaseWorkflowId } from '../../workflows/messages.js';
import { startTemporal } from '../api/temporal.js';
import { carriedOut, type Answers } from './carried-out.js';
import { done, oneStep } from './one-step.js';

describe('a step of a wave', { timeout: 180_000 }, () => {
  let temporal: TestWorkflowEnvironment;
  beforeAll(async () => {
    temporal = await startTemporal();
  });
  afterAll(async () => temporal?.teardown());

  /** Which workers were sent it, in which order; those who were told that another one was asked before say so. */
  interface Sent {
    readonly to: string[];
    readonly standing: unknown;
  }

  /**
   * Carries out a wave that a worker has read which is gone, or the worker `own` where it is there.
   *
   * @param own - how the worker with a queue of its own ends the step; none is there where absent
   */
  async function sent(run: string, queues: { readBy: string; next?: string }, own?: () => typeof done): Promise<Sent> {
    const to: string[] = [];
    const taking = (worker: string, end: () => typeof done): Pick<Answers, 'runHostStep'> => ({
      runHostStep: async (request) => (to.push(`${worker}${'passedOn' in request ? ', passed on' : ''}`), end()),
    });
    const answers: Answers = {
      readWave: async () => oneStep(queues.readBy),
      ownQueue: async () => queues.next ?? 'nobody takes from this one either',
      ...taking('anybody', () => done),
    };
    const work = { type: 'phase', id: phaseWorkflowId(run, 0, 0), argument: { run, phase: 0, wave: 0 } };
    const carry = async (): Promise<unknown> =>
      carriedOut(temporal, work, answers, async (workflow) => workflow.result().catch(() => 'it failed'));
    if (!own) return { standing: await carry(), to };
    const { nativeConnection: connection } = temporal;
    const activities = { ...taking('own', own) };
    const worker = await Worker.create({ connection, taskQueue: `${run}-own`, activities });
    return { standing: await worker.runUntil(carry), to };
  }

  const through = { standing: 'done', failed: [] };

  it('goes to the worker that has its connections', async () => {
    const run = 'worker-with-connections';
    expect(await sent(run, { readBy: `${run}-own` }, () => done)).toEqual({ to: ['own'], standing: through });
  });

  it('that nobody has begun there in time goes to another worker, which is told so', async () => {
    const run = 'worker-with-connections-is-gone';
    const queues = { readBy: 'nobody takes from this one', next: `${run}-own` };
    expect(await sent(run, queues, () => done)).toEqual({ to: ['own, passed on'], standing: through });
  });

  it('that the second one has not begun either goes to whoever is there', async () => {
    const queues = { readBy: 'nobody takes from this one' };
    expect(await sent('two-workers-are-gone', queues)).toEqual({ to: ['anybody, passed on'], standing: through });
  });

  it('that was begun there goes to nobody else, however it comes out', async () => {
    const run = 'worker-with-connections-fails';
    const fails = (): never => {
      throw ApplicationFailure.nonRetryable('it is not to be done');
    };
    expect(await sent(run, { readBy: `${run}-own` }, fails)).toEqual({ to: ['own'], standing: 'it failed' });
  });
});
