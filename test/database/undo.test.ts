import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import type { Database } from '../../database/connect.js';
import { readEvents } from '../../database/events.js';
import { writeIntents } from '../../database/intents.js';
import { reviewLine, takeTurn } from '../../database/lease-turns.js';
import { releaseLeases } from '../../database/leases.js';
import { openRuns } from '../../database/open-runs.js';
import { owedRestarts } from '../../database/owed.js';
import { IllegalMove, NotAuthorised, UnknownTask, UnknownUndo } from '../../database/refusals.js';
import { writeResults } from '../../database/results.js';
import { moveRun, readRun } from '../../database/runs.js';
import { readTasks } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import { beginUndoAttempts, finishUndo, readUndo, withdrawUndo, writeUndoResults } from '../../database/undo.js';
import type { Result } from '../../model/record.js';
import { intent, openedGate, phase, plan, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

/** One attempt, from its holder to its result. */
async function attempt(db: Database, run: string, step: string, host: string, more: Partial<Result>): Promise<void> {
  const number = more.attempt ?? 1;
  const [begun] = await beginAttempts(db, run, step, [{ host, attempt: number }]);
  await writeIntents(db, [intent(run, step, host, begun!.holder, { attempt: number })], []);
  await writeResults(db, [result(run, step, host, more)]);
}

describe('an undo', () => {
  test('is opened once, however often it is asked for, and closes once', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      expect(await Promise.all([1, 2, 3].map(async () => startUndo(db, run, 'ada')))).toEqual([1, 1, 1]);
      expect(await readRun(db, run)).toMatchObject({ state: 'undoing', undo: { number: 1, open: true } });
      expect(await openRuns(db)).toMatchObject([{ run, state: 'undoing', undo: 1 }]);
      await finishUndo(db, run, 1, 'undo_incomplete');
      await finishUndo(db, run, 1, 'undone');
      expect(await readRun(db, run)).toMatchObject({ state: 'undo_incomplete', undo: { number: 1, open: false } });
      expect(await startUndo(db, run, 'ada')).toBe(2);
      await finishUndo(db, run, 2, 'undone');
      await expect(startUndo(db, run, 'ada')).rejects.toThrow(IllegalMove);
      await expect(readUndo(db, run, 7)).rejects.toThrow(UnknownUndo);
    }));

  test('goes back over what was tried, last phase, wave and step first', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await openedGate(db, run, 1);
      await attempt(db, run, 'redis', 'cache', { ending: 'partial', preImage: 'absent' });
      await attempt(db, run, 'redis', 'cache', { attempt: 2, ending: 'done', preImage: 'absent', postImage: 'there' });
      await attempt(db, run, 'redis_up', 'cache', { ending: 'refused' });
      await attempt(db, run, 'stunnel', 'node1', { ending: 'unknown' });
      const undo = await startUndo(db, run, 'ada');
      const outline = await readUndo(db, run, undo);
      expect(outline).toMatchObject({ run, undo: 1, planHash: `hash of ${run}`, open: true });
      expect(outline.barriers.map(({ phase, wave, step, on, how }) => [phase, wave, step, on, how])).toEqual([
        [1, 0, 'stunnel', 'host', 'restore'],
        [0, 0, 'redis_up', 'host', 'restore'],
        [0, 0, 'redis', 'host', 'restore'],
      ]);
      expect(outline.barriers.map(({ hosts }) => hosts[0])).toEqual([
        { host: 'node1', attempt: 1, intent: true, acted: true, state: 'unknown', ending: 'unknown', leaseKept: true },
        { host: 'cache', attempt: 1, intent: true, acted: false, state: 'failed', ending: 'refused', leaseKept: true },
        {
          ...{
            host: 'cache',
            attempt: 2,
            intent: true,
            acted: true,
            state: 'changed',
            ending: 'done',
            leaseKept: true,
          },
          ...{ preImage: 'absent', postImage: 'there' },
        },
      ]);
    }));

  test('knows an attempt that was begun but never announced, and one that never ended', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await beginAttempts(db, run, 'redis_up', [{ host: 'cache', attempt: 1 }]);
      const [begun] = await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt: 1 }]);
      await writeIntents(db, [intent(run, 'redis', 'cache', begun!.holder)], []);
      const { barriers } = await readUndo(db, run, await startUndo(db, run, 'ada'));
      expect(barriers.map(({ step, hosts }) => [step, hosts[0]!.intent, hosts[0]!.acted])).toEqual([
        ['redis_up', false, false],
        ['redis', true, true],
      ]);
    }));

  test('of an ended run knows that its leases were given up in between, whatever the clock did', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await attempt(db, run, 'redis', 'cache', { ending: 'unknown' });
      await moveRun(db, run, 'failed');
      await releaseLeases(db, run);
      const undo = await startUndo(db, run, 'ada');
      for (const clock of ['-', '+']) {
        await db.query(`update runs set leases_since = clock_timestamp() ${clock} interval '1 year'`);
        expect((await readUndo(db, run, undo)).barriers[0]!.hosts[0], clock).toMatchObject({ leaseKept: false });
      }
    }));

  test('of an ended run takes its leases anew, or waits in line for them', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await attempt(db, run, 'redis', 'cache', { ending: 'done' });
      await moveRun(db, run, 'failed');
      await releaseLeases(db, run);
      const other = await running(db, plan([phase('All', [['cache']], [step('one', ['cache'])])]));
      const undo = await startUndo(db, run, 'ada');
      expect(await readRun(db, run)).toMatchObject({
        state: 'waiting',
        standing: { for: 'leases', host: 'cache', run: other, undo, was: 'failed' },
      });
      expect(await readUndo(db, run, undo)).toMatchObject({ open: true, queued: true });
      expect(await startUndo(db, run, 'grace')).toBe(undo);
      await expect(beginUndoAttempts(db, run, undo, 'redis', ['cache'])).rejects.toThrow(NotAuthorised);
      expect(await takeTurn(db, run)).toBe(false);
      await moveRun(db, other, 'succeeded');
      await releaseLeases(db, other);
      expect(await reviewLine(db)).toEqual([{ run, undo: { number: undo, open: true } }]);
      expect(await takeTurn(db, run)).toBe(true);
      expect(await readUndo(db, run, undo)).not.toHaveProperty('queued');
      expect(await beginUndoAttempts(db, run, undo, 'redis', ['cache'])).toMatchObject([{ host: 'cache', attempt: 1 }]);
      await db.query('delete from leases');
      await expect(beginUndoAttempts(db, run, undo, 'redis', ['cache'])).rejects.toThrow(NotAuthorised);
    }));

  test('of an ended run is withdrawn while it waits, and the run stands as it did', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await attempt(db, run, 'redis', 'cache', { ending: 'done' });
      await moveRun(db, run, 'succeeded');
      await releaseLeases(db, run);
      await running(db, plan([phase('All', [['cache']], [step('one', ['cache'])])]));
      const undo = await startUndo(db, run, 'ada');
      await withdrawUndo(db, run, undo, 'ada');
      await withdrawUndo(db, run, undo, 'ada');
      expect(await readRun(db, run)).toMatchObject({ state: 'succeeded', undo: { number: undo, open: false } });
      expect(await reviewLine(db)).toEqual([]);
      expect(await startUndo(db, run, 'ada')).toBe(undo + 1);
    }));

  test('is not withdrawn once it has begun', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const undo = await startUndo(db, run, 'ada');
      await expect(withdrawUndo(db, run, undo, 'ada')).rejects.toThrow(NotAuthorised);
      expect(await readRun(db, run)).toMatchObject({ state: 'undoing' });
    }));

  test('takes holders above those of the run, only while it is open and the run is undoing', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const [forward] = await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt: 1 }]);
      const undo = await startUndo(db, run, 'ada');
      const [back] = await beginUndoAttempts(db, run, undo, 'redis', ['cache']);
      expect(back!.holder).toBeGreaterThan(forward!.holder);
      await expect(beginUndoAttempts(db, run, 9, 'redis', ['cache'])).rejects.toThrow(UnknownUndo);
      await expect(beginUndoAttempts(db, run, undo, 'redis', ['nobody'])).rejects.toThrow(UnknownTask);
      await moveRun(db, run, 'waiting', { for: 'undo-decision' });
      await expect(beginUndoAttempts(db, run, undo, 'redis', ['cache'])).rejects.toThrow(NotAuthorised);
      await moveRun(db, run, 'undoing');
      await finishUndo(db, run, undo, 'undo_incomplete');
      await startUndo(db, run, 'ada');
      await expect(beginUndoAttempts(db, run, undo, 'redis', ['cache'])).rejects.toThrow(NotAuthorised);
    }));

  test('owes restarts of its own', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const undo = await startUndo(db, run, 'ada');
      const [back] = await beginUndoAttempts(db, run, undo, 'redis', ['cache']);
      const service = { host: 'cache', service: 'redis' };
      const one = intent(run, 'redis', 'cache', back!.holder, { part: 'undo', undo });
      await writeIntents(db, [one], [{ ...service, step: 'redis' }]);
      expect(await owedRestarts(db, run, [service])).toHaveLength(1);
    }));

  test('writes what tasks came to: repeats are harmless, a later word replaces, undone stays', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await attempt(db, run, 'redis', 'cache', { ending: 'done' });
      await attempt(db, run, 'redis_up', 'cache', { ending: 'done' });
      const undo = await startUndo(db, run, 'ada');
      const failure = { kind: 'undo/changed-since', tried: 't', known: 'k', next: 'n' } as const;
      const decide = { step: 'redis', host: 'cache', outcome: 'decide', failure, summary: 'changed since' } as const;
      const undone = { step: 'redis', host: 'cache', outcome: 'undone', summary: '' } as const;
      await writeUndoResults(db, run, undo, [
        decide,
        { step: 'redis_up', host: 'cache', outcome: 'left', summary: '' },
      ]);
      await writeUndoResults(db, run, undo, [decide]);
      expect((await readTasks(db, run)).slice(0, 2)).toMatchObject([
        { step: 'redis', state: 'undo_failed', failure },
        { step: 'redis_up', state: 'changed' },
      ]);
      expect((await readUndo(db, run, undo)).barriers[1]!.hosts[0]).toMatchObject({ outcome: 'decide', failure });
      await writeUndoResults(db, run, undo, [undone]);
      await writeUndoResults(db, run, undo, [decide]);
      expect((await readTasks(db, run))[0]).toMatchObject({ state: 'undone' });
      expect((await readTasks(db, run))[0]).not.toHaveProperty('failure');
      expect((await readEvents(db, run, 0, 99)).filter((event) => event.kind === 'task-undone')).toHaveLength(3);
      await expect(writeUndoResults(db, run, undo, [{ ...undone, host: 'nobody' }])).rejects.toThrow(UnknownTask);
    }));

  test('is not disturbed by a worker that was displaced, nor by one that comes once it has ended', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await attempt(db, run, 'redis', 'cache', { ending: 'done' });
      const undo = await startUndo(db, run, 'ada');
      const [first] = await beginUndoAttempts(db, run, undo, 'redis', ['cache']);
      const [second] = await beginUndoAttempts(db, run, undo, 'redis', ['cache']);
      const task = { step: 'redis', host: 'cache', summary: '' } as const;
      const late = { ...task, outcome: 'undo_failed', holder: first!.holder } as const;
      await writeUndoResults(db, run, undo, [late]);
      expect((await readTasks(db, run))[0]).toMatchObject({ state: 'changed' });
      await writeUndoResults(db, run, undo, [{ ...task, outcome: 'left', holder: second!.holder }]);
      await writeUndoResults(db, run, undo, [late]);
      await finishUndo(db, run, undo, 'undo_incomplete');
      await writeUndoResults(db, run, undo, [{ ...late, holder: second!.holder }]);
      expect((await readTasks(db, run))[0]).toMatchObject({ state: 'changed', left: { undo } });
      const ignored = (await readEvents(db, run, 0, 99)).filter((event) => event.kind === 'result-ignored');
      expect(ignored.map((event) => event.data['because'])).toEqual(['stale-holder', 'stale-holder', 'undo-ended']);
    }));

  test('is not disturbed by a result that comes late', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const [begun] = await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt: 1 }]);
      await writeIntents(db, [intent(run, 'redis', 'cache', begun!.holder)], []);
      const undo = await startUndo(db, run, 'ada');
      await writeUndoResults(db, run, undo, [{ step: 'redis', host: 'cache', outcome: 'undone', summary: '' }]);
      await writeResults(db, [result(run, 'redis', 'cache')]);
      expect((await readTasks(db, run))[0]).toMatchObject({ state: 'undone', ending: 'done' });
    }));
});
