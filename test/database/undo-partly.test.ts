import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import type { Database } from '../../database/connect.js';
import { readExcluded } from '../../database/excluded-hosts.js';
import { openGate, readGate } from '../../database/gates.js';
import { readIntents, writeIntents } from '../../database/intents.js';
import { readOutline, readWave } from '../../database/outlines.js';
import { keepPreImage, readPreImage } from '../../database/pre-images.js';
import { NotAuthorised, StaleAttempt } from '../../database/refusals.js';
import { keepRendered, readRendered } from '../../database/rendered.js';
import { writeResults } from '../../database/results.js';
import { moveRun, readRun } from '../../database/runs.js';
import { readTasks, settleTask } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import { finishUndo, readUndo, undoIsOpen, writeUndoResults } from '../../database/undo.js';
import { whyNoUndo } from '../../database/undo-scope.js';
import { finishPhase } from '../../database/outlines.js';
import type { UndoScope } from '../../model/record.js';
import { dueAttempts } from '../../model/task/rounds.js';
import { approve, intent, openedGate, result, running, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

async function did(db: Database, run: string, step: string, host: string, attempt = 1): Promise<void> {
  const [begun] = await beginAttempts(db, run, step, [{ host, attempt }]);
  await writeIntents(db, [intent(run, step, host, begun!.holder, { attempt })], []);
  await writeResults(db, [result(run, step, host, { attempt, preImage: 'absent', postImage: 'there' })]);
}

/** A run whose every task is done. */
async function through(db: Database): Promise<string> {
  const run = await running(db);
  await did(db, run, 'redis', 'cache');
  await did(db, run, 'redis_up', 'cache');
  await finishPhase(db, run, 0);
  await openedGate(db, run, 1);
  await did(db, run, 'stunnel', 'node1');
  await did(db, run, 'stunnel', 'node2');
  return run;
}

/** A part goes back, and all of it comes back. */
async function back(db: Database, run: string, scope: UndoScope): Promise<string[]> {
  const undo = await startUndo(db, run, 'ada', scope);
  const { barriers } = await readUndo(db, run, undo);
  const tasks = barriers.flatMap(({ step, hosts }) => hosts.map(({ host }) => ({ step, host })));
  await writeUndoResults(
    db,
    run,
    undo,
    tasks.map((task) => ({ ...task, outcome: 'undone', summary: '' })),
  );
  await finishUndo(db, run, undo, 'undone');
  return tasks.map(({ step, host }) => `${step}@${host}`);
}

const states = async (db: Database, run: string) =>
  Object.fromEntries((await readTasks(db, run)).map(({ step, host, state }) => [`${step}@${host}`, state]));

describe('a part of a run goes back', () => {
  test('and whoever waits for that goes on from where it has left the run, and not once the run has gone on', async () =>
    withDatabase(postgres, async (db) => {
      const run = await through(db);
      const undo = await startUndo(db, run, 'ada', { to: 'redis_up' });
      expect(await undoIsOpen(db, run, undo)).toBe(true);
      await finishUndo(db, run, undo, 'undone');
      expect(await undoIsOpen(db, run, undo)).toBe(false);
      await moveRun(db, run, 'running');
      await expect(undoIsOpen(db, run, undo)).rejects.toThrow(NotAuthorised);
      await moveRun(db, run, 'paused');
      await expect(undoIsOpen(db, run, undo)).rejects.toThrow(NotAuthorised);
    }));

  test('to a step: that one and all that was done after it, in time, is owed again', async () =>
    withDatabase(postgres, async (db) => {
      const run = await through(db);
      expect(await back(db, run, { to: 'redis_up' })).toEqual(['stunnel@node2', 'stunnel@node1', 'redis_up@cache']);
      expect(await readRun(db, run)).toMatchObject({
        state: 'paused',
        standing: { because: 'it has gone back to before redis_up', to: 'redis_up' },
      });
      expect(await states(db, run)).toEqual({
        'redis@cache': 'changed',
        'redis_up@cache': 'pending',
        'stunnel@node1': 'pending',
        'stunnel@node2': 'pending',
      });
      expect((await readOutline(db, run)).phases).toMatchObject([
        { done: false, wave: 0 },
        { done: false, wave: 0 },
      ]);
    }));

  test('and its tasks have another turn: new attempts, and nothing of what the turn before knew', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const [begun] = await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt: 1 }]);
      await keepPreImage(db, intent(run, 'redis', 'cache', begun!.holder), Buffer.from('old'));
      await keepRendered(db, { run, step: 'redis', host: 'cache' }, { when: true, values: { a: 1 } });
      expect(await back(db, run, { to: 'redis' })).toEqual(['redis@cache']);
      const name = { run, step: 'redis', host: 'cache' };
      expect(await readPreImage(db, name)).toBeUndefined();
      expect(await readRendered(db, name)).toBeUndefined();
      expect(await readIntents(db, run, 'redis')).toEqual([]);
      expect((await readTasks(db, run))[0]).toMatchObject({ state: 'pending', attempt: 1, turn: 1, settled: true });
      const wave = await readWave(db, run, 0, 0);
      expect(dueAttempts(wave.steps[0]!, wave.tasks, new Set())).toEqual([{ host: 'cache', attempt: 2 }]);
      await moveRun(db, run, 'running');
      await expect(beginAttempts(db, run, 'redis', [{ host: 'cache', attempt: 1 }])).rejects.toThrow(StaleAttempt);
      expect(await writeResults(db, [result(run, 'redis', 'cache')])).toMatchObject([{ because: 'later-attempt' }]);
      await did(db, run, 'redis', 'cache', 2);
      expect(await readIntents(db, run, 'redis')).toMatchObject([{ attempt: 2 }]);
      const undo = await startUndo(db, run, 'ada');
      expect((await readUndo(db, run, undo)).barriers).toMatchObject([{ step: 'redis', hosts: [{ attempt: 2 }] }]);
    }));

  test('and the gates behind it ask again: earlier votes do not count', async () =>
    withDatabase(postgres, async (db) => {
      const run = await through(db);
      await back(db, run, { to: 'redis' });
      expect(await readGate(db, run, 1)).toMatchObject({ asked: false, open: false, votes: 0 });
      await moveRun(db, run, 'running');
      await approve(db, run, 1, 'ada');
      expect(await openGate(db, run, 1)).toMatchObject({ open: false, votes: 1 });
    }));

  test('and leaves its own gate open where the step stands behind it', async () =>
    withDatabase(postgres, async (db) => {
      const run = await through(db);
      await back(db, run, { to: 'stunnel' });
      expect(await readGate(db, run, 1)).toMatchObject({ open: true });
      expect((await readOutline(db, run)).phases.map(({ done }) => done)).toEqual([true, false]);
    }));

  test('on one host: it is excluded, and a later undo has nothing left to do there', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await did(db, run, 'redis', 'cache');
      expect(await back(db, run, { host: 'cache' })).toEqual(['redis@cache']);
      expect(await states(db, run)).toMatchObject({ 'redis@cache': 'undone', 'redis_up@cache': 'skipped' });
      expect(await readExcluded(db, run)).toEqual([
        { host: 'cache', by: 'ada', because: 'what was done on it has gone back' },
      ]);
      expect(await back(db, run, { to: 'stunnel' })).toEqual([]);
      const undo = await startUndo(db, run, 'ada');
      expect((await readUndo(db, run, undo)).barriers).toEqual([]);
    }));

  test('what was left as it is stays so, and is not done again', async () =>
    withDatabase(postgres, async (db) => {
      const run = await through(db);
      const undo = await startUndo(db, run, 'ada', { to: 'stunnel' });
      const task = { step: 'stunnel', host: 'node2' };
      await writeUndoResults(db, run, undo, [{ ...task, outcome: 'decide', summary: '' }]);
      await writeUndoResults(db, run, undo, [{ ...task, outcome: 'left', summary: '' }]);
      await writeUndoResults(db, run, undo, [{ ...task, host: 'node1', outcome: 'left', summary: '' }]);
      await finishUndo(db, run, undo, 'undo_incomplete');
      await finishUndo(db, run, undo, 'undo_incomplete');
      expect(await states(db, run)).toMatchObject({ 'stunnel@node1': 'changed', 'stunnel@node2': 'undo_failed' });
      await settleTask(db, { run, ...task, state: 'changed', because: 'it is right', by: 'ada' });
      expect((await readOutline(db, run)).phases[1]).toMatchObject({ done: false, wave: 0 });
    }));

  test.each([
    [{ to: 'nowhere' }, 'the run has no step nowhere'],
    [{ to: 'stunnel' }, 'nothing has been done from stunnel on, so nothing can go back to it'],
    [{ host: 'nobody' }, 'the run has no host nobody'],
    [{ host: 'node1' }, 'nothing has been done on node1; exclude it instead'],
    [{ to: 'redis' }, undefined],
    [{ host: 'cache' }, undefined],
  ])('%j: is refused where it cannot be: %s', async (scope, because) =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await did(db, run, 'redis', 'cache');
      expect(await whyNoUndo(db, run, scope)).toBe(because);
    }),
  );
});
