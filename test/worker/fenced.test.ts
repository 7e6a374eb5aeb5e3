import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRecordsActivities, type RecordsNeeds } from '../../activities/records/create.js';
import { launchUndo } from '../../apps/worker/wiring/records.js';
import { fenced, TryIsOver } from '../../apps/worker/wiring/fenced.js';
import { closeDatabase, type Database } from '../../database/connect.js';
import { readEvents } from '../../database/events.js';
import { moveRun } from '../../database/runs.js';
import { runWorkflowId, undoWorkflowId, verbUpdate } from '../../workflows/messages.js';
import { startTemporal } from '../api/temporal.js';
import { freshDatabase, phase, plan, running, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';

/** Something that is held up until it is let go. */
class Held {
  #go = (): void => undefined;
  readonly #gone = new Promise<void>((resolve) => (this.#go = resolve));
  come = (): void => undefined;
  readonly here = new Promise<void>((resolve) => (this.come = resolve));

  async stop(): Promise<void> {
    this.come();
    await this.#gone;
  }

  letGo(): void {
    this.#go();
  }
}

/** Also those tries that come only because a busy machine has no time for a test: none of them makes the move. */
const manyHeld = (): Held[] => Array.from({ length: 20 }, () => new Held());

describe('a worker that is frozen before it writes a move, longer than its try may take,', () => {
  let postgres: TestPostgres;
  let temporal: TestWorkflowEnvironment;
  let db: Database;
  let workflowBundle: WorkflowBundle;
  beforeAll(async () => {
    const workflowsPath = new URL('./twice.ts', import.meta.url).pathname;
    [postgres, temporal, workflowBundle] = await Promise.all([
      startPostgres(),
      startTemporal(),
      bundleWorkflowCode({ workflowsPath }),
    ]);
    db = await freshDatabase(postgres);
  });
  afterAll(async () => {
    if (db) await closeDatabase(db);
    await temporal?.teardown();
    await postgres?.stop();
  });

  /** The tries of the workflow's first move that hang, one after another, and what came of each. */
  async function story(
    name: string,
    tries: readonly Held[],
    tell: (run: string, came: readonly Promise<unknown>[]) => Promise<void>,
  ): Promise<void> {
    const run = await running(db, plan([phase('Only', [[name]], [step('work', [name])])]), name);
    const came: Promise<unknown>[] = [];
    const waiting = tries.values();
    const needs = {
      moveRun: async (...[of, to, data]: Parameters<RecordsNeeds['moveRun']>) => {
        if (to === 'waiting') await waiting.next().value?.stop();
        await moveRun(db, of, to, data);
      },
    } as RecordsNeeds;
    const records = fenced(createRecordsActivities(needs), temporal.client);
    const worker = await Worker.create({
      connection: temporal.nativeConnection,
      taskQueue: name,
      workflowBundle,
      activities: {
        moveRun: async (...said: Parameters<typeof records.moveRun>) => {
          const coming = records.moveRun(...said);
          came.push(coming.catch((error: unknown) => error));
          await coming;
        },
      },
    });
    await worker.runUntil(async () => {
      await temporal.client.workflow.start('moves', { workflowId: runWorkflowId(run), taskQueue: name, args: [run] });
      try {
        await tell(run, came);
      } finally {
        for (const one of tries) one.letGo();
      }
    });
  }

  const movesOf = async (run: string): Promise<unknown[]> =>
    (await readEvents(db, run, 0, 100)).filter((one) => one.kind === 'run-moved').map((one) => one.data['to']);

  it('writes nothing when it wakes while the next try is under way', async () => {
    const tries = manyHeld();
    const [first, second] = tries;
    await story('under-way', tries, async (run, came) => {
      await second?.here;
      first?.letGo();
      expect(await came[0]).toBeInstanceOf(TryIsOver);
      expect(await movesOf(run)).toEqual(['running']);
    });
  });

  it('writes nothing when it wakes once the run has moved on', async () => {
    const first = new Held();
    await story('moved-on', [first], async (run, came) => {
      await expect.poll(async () => movesOf(run)).toEqual(['running', 'waiting', 'running']);
      first.letGo();
      expect(await came[0]).toBeInstanceOf(TryIsOver);
      await temporal.client.workflow.getHandle(runWorkflowId(run)).executeUpdate(verbUpdate, { args: ['end'] });
      expect(await movesOf(run)).toEqual(['running', 'waiting', 'running']);
    });
  });

  it('writes nothing when it wakes once its workflow was terminated', async () => {
    const tries = manyHeld();
    const [first] = tries;
    await story('terminated', tries, async (run, came) => {
      await first?.here;
      await temporal.client.workflow.getHandle(runWorkflowId(run)).terminate('by a test');
      first?.letGo();
      expect(await came[0]).toBeInstanceOf(TryIsOver);
      expect(await movesOf(run)).toEqual(['running']);
    });
  });

  it('starts no undo a second time that has ended meanwhile', async () => {
    const { workflow } = temporal.client;
    await launchUndo(temporal.client, 'over', 1);
    const first = await workflow.getHandle(undoWorkflowId('over', 1)).describe();
    await workflow.getHandle(undoWorkflowId('over', 1)).terminate('by a test');
    await launchUndo(temporal.client, 'over', 1);
    expect((await workflow.getHandle(undoWorkflowId('over', 1)).describe()).runId).toBe(first.runId);
  });
});
