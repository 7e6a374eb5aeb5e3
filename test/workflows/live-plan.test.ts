import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWorkflowId } from '../../workflows/messages.js';
import { startTemporal } from '../api/temporal.js';
import { carriedOut, type Answers } from './carried-out.js';
import { done, oneStep } from './one-step.js';

describe('a run that demands a live plan', { timeout: 180_000 }, () => {
  let temporal: TestWorkflowEnvironment;
  beforeAll(async () => {
    temporal = await startTemporal();
  });
  afterAll(async () => temporal?.teardown());

  /** How a run of one step ends, and what it had done until then. @param otherwise - than in the live plan, in words */
  async function walked(run: string, otherwise: string): Promise<{ ended: unknown; did: string[] }> {
    const did: string[] = [];
    const phases = [{ name: 'Only', waves: [['node1']], onFailure: 'stop', done: false, wave: 0 }] as const;
    const answers: Answers = {
      beginRun: async () => ({ run, state: 'running', planHash: 'p', looksFirst: true, phases }),
      openRunLivePlan: async () => ({ live: `live-${run}`, planHash: 'p', hosts: ['node1'], directories: false }),
      lookAtHost: async ({ host }) => did.push(`looks at ${host}`),
      judgeLivePlan: async () => otherwise,
      readWave: async () => oneStep(),
      runHostStep: async ({ step }) => (did.push(`does ${step}`), done),
      moveRun: async () => undefined,
      finishPhase: async () => undefined,
      endRun: async (_run, to) => void did.push(to),
    };
    const work = { type: 'runbook', id: runWorkflowId(run), argument: { run } };
    const ended = await carriedOut(temporal, work, answers, async (workflow) => workflow.result());
    return { ended, did };
  }

  it('looks before it does anything, and goes on where that is still the one approved', async () => {
    expect(await walked('still-as-approved', '')).toEqual({
      ended: 'succeeded: every phase is done',
      did: ['looks at node1', 'does only', 'succeeded'],
    });
  });

  it('does nothing where that is not the one approved any more', async () => {
    expect(await walked('not-as-approved', 'conf on node1 would change something else')).toEqual({
      ended:
        'rejected: the live plan is not the one approved: conf on node1 would change something else; nothing was done',
      did: ['looks at node1', 'rejected'],
    });
  });
});
