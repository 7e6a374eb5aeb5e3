import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RestartRequest } from '../../activities/ssh/undo-step.js';
import type { SaidVerb, UndoBarrier, UndoneHost, UndoResult } from '../../model/record.js';
import { undoWorkflowId, verbUpdate } from '../../workflows/messages.js';
import { startTemporal } from '../api/temporal.js';
import { carriedOut, type Answers } from './carried-out.js';

/** Events of a history from which on Temporal suggests another one; 4,096 where nobody says otherwise. */
const short = 40;

/** One step that acts on hosts `a` and `b`. */
function barrier(step: string, phase: number, wave: number): UndoBarrier<UndoneHost> {
  const hosts = [{ host: 'a' }, { host: 'b' }];
  return { phase, wave, step, name: `Step ${step}`, on: 'host', how: 'restore', timeout: 60, hosts };
}

const results = (step: string, hosts: readonly string[], outcome: UndoResult['outcome'] = 'undone'): UndoResult[] =>
  hosts.map((host) => ({ step, host, outcome, summary: '' }));

describe('an undo', () => {
  let temporal: TestWorkflowEnvironment;
  beforeAll(async () => {
    temporal = await startTemporal([
      '--dynamic-config-value',
      `limit.historyCount.suggestContinueAsNew=${String(short)}`,
    ]);
  });
  afterAll(async () => temporal?.teardown());

  /** What the records know, and what was asked of hosts and people, in that order. */
  class Place {
    readonly back: string[] = [];
    readonly paid: RestartRequest[] = [];
    readonly settled: string[] = [];
    readonly moves: string[] = [];
    readonly answers: Answers;

    constructor(run: string, barriers: readonly UndoBarrier<UndoneHost>[], verbs: readonly SaidVerb[] = []) {
      const isBack = (step: string, host: string): boolean => this.back.includes(`${step}@${host}`);
      this.answers = {
        runbookIsOpen: async () => false,
        readUndo: async () => ({
          ...{ run, undo: 1, planHash: 'p', open: true, queue: undoWorkflowId(run, 1) },
          barriers: barriers.map((one) => ({
            ...one,
            hosts: one.hosts.map(({ host }) => (isBack(one.step, host) ? { host, outcome: 'undone' } : { host })),
          })),
        }),
        ownQueue: async () => undoWorkflowId(run, 1),
        undoHostStep: async ({ step, hosts }) => {
          this.back.push(...hosts.map((host) => `${step}@${host}`));
          return results(step, hosts);
        },
        payRestarts: async (request) => {
          this.paid.push(request);
          return [];
        },
        moveRun: async (_run, to, data) => void this.moves.push(`${to} ${JSON.stringify(data?.['hosts'] ?? '')}`),
        readVerb: async (id) => verbs.find((one) => one.id === id),
        settleVerb: async (id, { accepted, because }) => void this.settled.push(`${id} ${String(accepted)} ${because}`),
        leaveTasks: async () => undefined,
        finishUndo: async () => 0,
      };
    }
  }

  const work = (run: string) => ({
    type: 'undo',
    id: undoWorkflowId(run, 1),
    argument: { run, undo: 1 },
  });

  const lives = async (run: string): Promise<number[]> => {
    const found: number[] = [];
    const { workflow } = temporal.client;
    for await (const one of workflow.list({ query: `WorkflowId = '${undoWorkflowId(run, 1)}'` }))
      found.push((await workflow.getHandle(one.workflowId, one.runId).fetchHistory()).events?.length ?? 0);
    return found;
  };

  it('whose history grows long goes on as a new one: everything goes back once, in its order, and no word is lost', async () => {
    const barriers = [2, 1, 0].flatMap((phase) =>
      [1, 0].flatMap((wave) =>
        Array.from({ length: 6 }, (_, at) => barrier(`${phase}.${wave}.${5 - at}`, phase, wave)),
      ),
    );
    const retry: SaidVerb = { id: 'r', run: 'long-undo', verb: 'retry', arguments: {}, by: 'ada' };
    const place = new Place('long-undo', barriers, [retry]);
    const came = await carriedOut(temporal, work('long-undo'), place.answers, async (workflow) => {
      await workflow.executeUpdate(verbUpdate, { args: ['r'] });
      return workflow.result();
    });
    expect(came).toBe('undone');
    expect(place.back).toEqual(barriers.flatMap(({ step }) => [`${step}@a`, `${step}@b`]));
    expect(place.paid.map(({ phase, wave }) => [phase, wave])).toEqual(
      [2, 1, 0].flatMap((p) => [1, 0].map((w) => [p, w])),
    );
    expect(place.settled).toEqual(['r false too late: the undo has ended']);
    await expect.poll(async () => (await lives('long-undo')).length).toBeGreaterThan(3);
    expect(Math.max(...(await lives('long-undo')))).toBeLessThan(short + 20);
  });

  it('of which workers remember nothing, and of which answers are lost, goes on where it stood', async () => {
    const barriers = Array.from({ length: 30 }, (_, at) => barrier(`s${29 - at}`, 0, 0));
    const place = new Place('long-undo-without-memory', barriers);
    let lost = 0;
    const { undoHostStep } = place.answers;
    place.answers.undoHostStep = async (request) => {
      const came = await undoHostStep!(request);
      // It is back, and whoever did it could not tell.
      if (['s20', 's3'].includes(request.step) && (lost += 1) % 2 === 1) throw new Error('the answer is lost');
      return came;
    };
    expect(
      await carriedOut(
        temporal,
        work('long-undo-without-memory'),
        place.answers,
        async (workflow) => workflow.result(),
        0,
      ),
    ).toBe('undone');
    expect([...new Set(place.back)]).toEqual(barriers.flatMap(({ step }) => [`${step}@a`, `${step}@b`]));
    expect(place.paid).toHaveLength(1);
  });

  it('leaves one of two services of a host that do not restart, and tries the other one again without it', async () => {
    const run = 'left-one-of-two-restarts';
    const skip: SaidVerb = {
      ...{ id: 's', run, verb: 'skip', by: 'ada' },
      arguments: { step: 'mail_up', host: 'a', reason: 'it is not needed' },
    };
    const place = new Place(run, [barrier('conf', 0, 0)], [skip]);
    const stuck = (host: string, service: string): UndoResult => ({
      ...{ step: `${service}_up`, host, restarts: service },
      ...{ outcome: 'decide', summary: 'it does not come up' },
    });
    place.answers.payRestarts = async (request) => {
      place.paid.push(request);
      const all = [stuck('a', 'mail'), stuck('a', 'web'), stuck('b', 'web')];
      if (place.paid.length > 1) return [];
      return all.filter(({ host }) => request.hosts.includes(host));
    };
    const came = await carriedOut(temporal, work(run), place.answers, async (workflow) => {
      await expect.poll(() => place.moves, { timeout: 90_000 }).toContain('waiting ["a","b"]');
      await workflow.executeUpdate(verbUpdate, { args: ['s'] });
      return workflow.result();
    });
    expect(came).toBe('undone');
    const last = place.paid.at(-1);
    expect(last).toMatchObject({ hosts: ['a', 'b'], left: [{ host: 'a', service: 'mail' }] });
  }, 120_000);
});
