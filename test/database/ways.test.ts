import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startUndo } from '../../database/begin-undo.js';
import { beginWave, endWave } from '../../database/budget.js';
import { endRun } from '../../database/end-run.js';
import { finishPhase } from '../../database/outlines.js';
import { IllegalMove, NotAuthorised } from '../../database/refusals.js';
import { writeResults } from '../../database/results.js';
import { moveRun, readRun } from '../../database/runs.js';
import { settleTask } from '../../database/tasks.js';
import { readEvents } from '../../database/events.js';
import { finishUndo } from '../../database/undo.js';
import { result, running, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

describe('a move', () => {
  test('back out of an end is made by the begin of an undo alone', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await endRun(db, run, 'failed');
      for (const to of ['undoing', 'waiting'] as const)
        await expect(moveRun(db, run, to, { for: 'undo-decision' }), to).rejects.toThrow(IllegalMove);
      expect(await readRun(db, run)).toMatchObject({ state: 'failed' });
    }));

  test('forward is not made of a run that goes back, nor is anything of it finished', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const undo = await startUndo(db, run, 'ada');
      await moveRun(db, run, 'waiting', { for: 'undo-decision' });
      const forward = [
        ...(['running', 'pausing', 'paused'] as const).map((to) => async () => moveRun(db, run, to)),
        async () => moveRun(db, run, 'waiting', { for: 'approval', phase: 1 }),
        async () => endRun(db, run, 'succeeded'),
        async () => beginWave(db, run, 0, 0),
      ];
      for (const move of forward) await expect(move(), String(move)).rejects.toThrow(IllegalMove);
      await moveRun(db, run, 'undoing');
      for (const finish of [
        async () => beginWave(db, run, 0, 0),
        async () => finishPhase(db, run, 0),
        async () => endWave(db, run, 0, 0),
      ])
        await expect(finish(), String(finish)).rejects.toThrow(NotAuthorised);
      expect((await readRun(db, run)).state).toBe('undoing');
      await finishUndo(db, run, undo, 'undone');
    }));
});

describe('a phase', () => {
  test('is not finished while nobody knows what became of one of its tasks; the first wave with such a one is said', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const finished = async (): Promise<unknown[]> =>
        (await readEvents(db, run, 0, 1000)).flatMap(({ kind, data }) => (kind === 'phase-finished' ? [data] : []));
      await writeResults(db, [
        result(run, 'redis', 'cache', { ending: 'partial' }),
        result(run, 'stunnel', 'node2', { ending: 'unknown' }),
      ]);
      expect(await finishPhase(db, run, 0)).toBeUndefined();
      expect(await finishPhase(db, run, 1)).toBe(1);
      await writeResults(db, [result(run, 'stunnel', 'node1', { ending: 'unknown' })]);
      expect(await finishPhase(db, run, 1)).toBe(0);
      expect(await finished()).toEqual([{ phase: 0 }]);
      for (const host of ['node1', 'node2'])
        await settleTask(db, { run, step: 'stunnel', host, state: 'skipped', because: 'it is there', by: 'ada' });
      expect(await finishPhase(db, run, 1)).toBeUndefined();
      expect(await finished()).toEqual([{ phase: 0 }, { phase: 1 }]);
    }));
});
