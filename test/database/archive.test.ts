import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { archivedTasks, markForgotten } from '../../database/archive.js';
import { beginAttempts } from '../../database/attempts.js';
import type { Database } from '../../database/connect.js';
import { releaseLeases } from '../../database/leases.js';
import { askingHolder, takeHolder } from '../../database/machines.js';
import { RunArchived } from '../../database/refusals.js';
import { moveRun } from '../../database/runs.js';
import { startUndo } from '../../database/begin-undo.js';
import { finishUndo } from '../../database/undo.js';
import { phase, plan, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const back = step('back', ['node1']);
const example = plan(
  [
    phase(
      'One',
      [['node1', 'node2']],
      [
        step('file', ['node1', 'node2']),
        step('ledger', ['node1'], { undo: { how: 'steps', steps: [back] } }),
        step('entry', ['node1'], { operations: [{ on: 'clock', seconds: 1 }] }),
        step('later', ['node1']),
      ],
    ),
  ],
  { node1: 'm1:22', node2: 'm2:22' },
);
const node1 = { machine: 'm1:22', host: 'node1' };

async function tried(db: Database, ...steps: string[]): Promise<string> {
  const run = await running(db, example);
  for (const name of steps) await beginAttempts(db, run, name, [{ host: 'node1', attempt: 1 }]);
  return run;
}

async function ended(db: Database, run: string, daysAgo = 0): Promise<void> {
  await moveRun(db, run, 'succeeded');
  await releaseLeases(db, run);
  await db.query(`update runs set ended_at = ended_at - $2 * interval '1 day' where run = $1`, [run, daysAgo]);
}

describe('an archive', () => {
  test('takes runs that are undone, or ended a month ago, and whatever of theirs is on the host', async () =>
    withDatabase(postgres, async (db) => {
      const undone = await tried(db, 'file', 'ledger', 'entry');
      await finishUndo(db, undone, await startUndo(db, undone, 'ada'), 'undone');
      await releaseLeases(db, undone);
      const fresh = await tried(db, 'file');
      await ended(db, fresh, 29);
      const old = await tried(db, 'file');
      await ended(db, old, 31);
      const open = await tried(db, 'file');
      const found = await archivedTasks(db, node1);
      expect(found).toEqual([
        { run: undone, step: 'file', names: [`${undone}.file`] },
        { run: undone, step: 'ledger', names: [`${undone}.ledger`, `${undone}.back`] },
        { run: old, step: 'file', names: [`${old}.file`] },
      ]);
      expect(await archivedTasks(db, { ...node1, host: 'other' })).toEqual([]);
      expect(await startUndo(db, open, 'ada')).toBe(1);
      await markForgotten(db, 'node1', found.slice(0, 2));
      expect(await archivedTasks(db, node1)).toEqual(found.slice(2));
    }));

  test('is the end of going back', async () =>
    withDatabase(postgres, async (db) => {
      const run = await tried(db, 'file');
      await ended(db, run, 31);
      await archivedTasks(db, node1);
      await expect(startUndo(db, run, 'ada')).rejects.toThrow(RunArchived);
    }));

  test('never takes a run that goes back at the same time', async () =>
    withDatabase(postgres, async (db) => {
      const run = await tried(db, 'file');
      await ended(db, run, 31);
      const ends = await Promise.allSettled([startUndo(db, run, 'ada'), archivedTasks(db, node1)]);
      const archived = ends[1].status === 'fulfilled' && ends[1].value.length > 0;
      expect(ends[0].status === 'fulfilled').toBe(!archived);
    }));
});

describe('a question to a machine', () => {
  test('takes it from no run that holds it', async () =>
    withDatabase(postgres, async (db) => {
      const run = await tried(db);
      const [begun] = await beginAttempts(db, run, 'file', [{ host: 'node1', attempt: 1 }]);
      expect(await askingHolder(db, 'm1:22')).toBe(begun?.holder);
      await ended(db, run);
      const asked = await askingHolder(db, 'm1:22');
      expect(asked).toBeGreaterThan(begun!.holder);
      expect(await takeHolder(db, 'm1:22')).toBeGreaterThan(asked);
    }));
});
