import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GateStanding } from '../../activities/records/activities.js';
import type { SaidVerb } from '../../model/record.js';
import { runWorkflowId, verbUpdate } from '../../workflows/messages.js';
import { startTemporal } from '../api/temporal.js';
import { carriedOut, type Answers } from './carried-out.js';

const closed: GateStanding = { open: false, votes: 0, wanted: 1 };

/** Seconds that nobody has to wait for. */
const long = 3600;

describe('a gate', () => {
  let temporal: TestWorkflowEnvironment;
  beforeAll(async () => {
    temporal = await startTemporal();
  });
  afterAll(async () => temporal?.teardown());

  /** A run of one phase that does nothing but ask, and that ends `succeeded` or `timed_out`. */
  async function asked(run: string, gate: Answers, say?: SaidVerb): Promise<string> {
    const phase = { name: 'Only', waves: [], onFailure: 'stop', done: false, wave: 0 } as const;
    const approval = { ask: 'Go on?', groups: [], votes: 1, timeout: long, onTimeout: 'stop' } as const;
    const answers: Answers = {
      beginRun: async () => ({ run, state: 'running', planHash: 'p', phases: [{ ...phase, approval }] }),
      moveRun: async () => undefined,
      finishPhase: async () => undefined,
      endRun: async () => undefined,
      readVerb: async () => say,
      obey: async () => ({ accepted: true, decides: false }),
      tryGate: async () => closed,
      ...gate,
    };
    const work = { type: 'runbook', id: runWorkflowId(run), argument: { run } };
    return carriedOut(temporal, work, answers, async (workflow) => {
      if (say) await workflow.executeUpdate(verbUpdate, { args: [say.id] });
      return (await workflow.result()) as string;
    });
  }

  it('whose time is over asks once more: whoever was answered in time is heard, though nobody was told', async () => {
    const gate = { askApproval: async () => ({ ...closed, left: 0.5 }) };
    const open = { ...gate, tryGate: async () => ({ ...closed, open: true, votes: 1 }) };
    expect(await asked('approved-but-not-told', open)).toBe('succeeded: every phase is done');
    const no = { ...gate, tryGate: async () => ({ ...closed, rejected: { by: 'ada', reason: 'not today' } }) };
    expect(await asked('rejected-but-not-told', no)).toBe('rejected: rejected by ada: not today');
    expect(await asked('approved-by-nobody', gate)).toBe('timed_out: nobody approved in time');
  });

  it('at which the run comes by again, with another plan, keeps its deadline', async () => {
    const left = [long, 0.5];
    const gate = { askApproval: async () => ({ ...closed, left: left.shift() ?? long }) };
    const edit: SaidVerb = { id: 'e', run: 'edited-at-a-gate-with-a-deadline', verb: 'edit', arguments: {}, by: 'ada' };
    expect(await asked('edited-at-a-gate-with-a-deadline', gate, edit)).toBe('timed_out: nobody approved in time');
  }, 30_000);
});
