import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reviewLine, takeTurn } from '../../database/lease-turns.js';
import { readLeases, releaseLeases } from '../../database/leases.js';
import { readOutline } from '../../database/outlines.js';
import { moveRun, readRun } from '../../database/runs.js';
import { startUndo } from '../../database/begin-undo.js';
import type { Database } from '../../database/connect.js';
import { beginAttempts } from '../../database/attempts.js';
import { phase, plan, planned, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

/** Commits a run on these hosts. */
async function wanting(db: Database, run: string, ...hosts: string[]): Promise<void> {
  await planned(db, plan([phase('All', [hosts], [step('one', hosts)])]), run);
}

async function ends(db: Database, run: string): Promise<void> {
  await moveRun(db, run, 'cancelled');
  await releaseLeases(db, run);
}

/** The runs that go on when everybody whose turn has come is told. */
async function goOn(db: Database): Promise<string[]> {
  const turns = (await reviewLine(db)).map(({ run }) => run);
  const held = await Promise.all(turns.map(async (run) => ((await takeTurn(db, run)) ? [run] : [])));
  return held.flat();
}

const because = async (db: Database, run: string) => (await readRun(db, run)).standing['because'];

describe('the line for leases', () => {
  test('is first come, first served, and says for whom each run waits', async () =>
    withDatabase(postgres, async (db) => {
      for (const run of ['a', 'b', 'c']) await wanting(db, run, 'node1');
      expect(await readRun(db, 'a')).toMatchObject({ state: 'planned' });
      expect(await readOutline(db, 'a')).not.toHaveProperty('queued');
      expect(await readRun(db, 'b')).toMatchObject({
        state: 'waiting',
        standing: { for: 'leases', machine: 'node1:22', host: 'node1', run: 'a', startedBy: 'ada', place: 1 },
      });
      expect(await readOutline(db, 'b')).toMatchObject({ queued: true });
      expect(await because(db, 'c')).toBe('waits for node1, 2nd in line, held by run a, started by ada');
      expect(await goOn(db)).toEqual([]);
      await ends(db, 'a');
      expect(await goOn(db)).toEqual(['b']);
      expect(await readRun(db, 'b')).toMatchObject({ state: 'running' });
      await reviewLine(db);
      expect(await because(db, 'c')).toBe('waits for node1, 1st in line, held by run b, started by ada');
    }));

  test('lets whoever only looks go on beside the run that holds a machine, and one at a time look', async () =>
    withDatabase(postgres, async (db) => {
      await wanting(db, 'acts', 'node1');
      const looks = { ...plan([phase('All', [['node1']], [step('one', ['node1'])])]), onlyLooks: 'it reads' };
      await planned(db, looks, 'looks');
      await planned(db, looks, 'looks-too');
      expect(await readOutline(db, 'looks')).not.toHaveProperty('queued');
      expect(await because(db, 'looks-too')).toContain('held by run looks,');
      expect((await readLeases(db)).map(({ machine, run }) => [machine, run])).toEqual([
        ['node1:22', 'acts'],
        ['node1:22 (looking)', 'looks'],
      ]);
    }));

  test('lets no later run overtake on a machine that an earlier one waits for, even while that machine is free', async () =>
    withDatabase(postgres, async (db) => {
      await wanting(db, 'a', 'node1');
      await wanting(db, 'both', 'node1', 'node2');
      await wanting(db, 'late', 'node2');
      expect(await because(db, 'late')).toBe('waits for node2, which is first for run both, started by ada');
      expect(await takeTurn(db, 'late')).toBe(false);
      await wanting(db, 'elsewhere', 'node3');
      expect(await readRun(db, 'elsewhere')).toMatchObject({ state: 'planned' });
      await ends(db, 'a');
      expect(await goOn(db)).toEqual(['both']);
      await ends(db, 'both');
      expect(await goOn(db)).toEqual(['late']);
    }));

  test('holds nothing for those in it, so that runs that want the same machines crosswise all come through', async () =>
    withDatabase(postgres, async (db) => {
      const machines = ['m1', 'm2', 'm3', 'm4', 'm5'];
      const runs = Array.from({ length: 24 }, (_, index) => `run-${String(index).padStart(2, '0')}`);
      await Promise.all(
        runs.map(async (run, index) =>
          wanting(db, run, ...machines.filter((_, place) => ((index * 7 + 3) >> (place % 4)) % 2 === 1), `own-${run}`),
        ),
      );
      const over = new Set<string>();
      for (let rounds = 0; over.size < runs.length; rounds += 1) {
        expect(rounds).toBeLessThan(runs.length + 1);
        const holders = new Set((await readLeases(db)).map(({ run }) => run));
        for (const run of holders) {
          await ends(db, run);
          over.add(run);
        }
        await goOn(db);
      }
      expect(await readLeases(db)).toEqual([]);
    }));

  test('is left by a cancel, and by an undo, which needs no lease where nothing was tried', async () =>
    withDatabase(postgres, async (db) => {
      for (const run of ['a', 'b', 'c', 'd']) await wanting(db, run, 'node1');
      await ends(db, 'b');
      expect(await startUndo(db, 'c', 'ada')).toBe(1);
      expect(await readRun(db, 'c')).toMatchObject({ state: 'undoing' });
      await reviewLine(db);
      expect(await because(db, 'd')).toBe('waits for node1, 1st in line, held by run a, started by ada');
    }));

  test('gives nothing to a run that has not its turn, however often and at once it is asked', async () =>
    withDatabase(postgres, async (db) => {
      await wanting(db, 'a', 'node1');
      const waiting = Array.from({ length: 6 }, () => randomUUID());
      for (const run of waiting) await wanting(db, run, 'node1');
      await ends(db, 'a');
      const held = await Promise.all(waiting.map(async (run) => takeTurn(db, run)));
      expect(held).toEqual([true, false, false, false, false, false]);
      const second = waiting[1] ?? '';
      await expect(beginAttempts(db, second, 'one', [{ host: 'node1', attempt: 1 }])).rejects.toThrow(/it is waiting/);
    }));
});
