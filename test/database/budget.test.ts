// cspell:ignore datname
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import { acknowledge, beginWave, downMachines, endWave, roomTurns } from '../../database/budget.js';
import type { Database } from '../../database/connect.js';
import { writeIntents } from '../../database/intents.js';
import { releaseLeases } from '../../database/leases.js';
import { writeResults } from '../../database/results.js';
import { moveRun, readRun } from '../../database/runs.js';
import { startUndo } from '../../database/begin-undo.js';
import { finishUndo, writeUndoResults } from '../../database/undo.js';
import type { Plan } from '../../model/plan.js';
import type { Ending } from '../../model/states.js';
import { intent, phase, plan, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const machines = ['node1:22', 'node2:22', 'node3:22'];
const budgets = {
  nodes: { down: 1, machines: Object.fromEntries(machines.map((machine) => [machine.replace(':22', ''), machine])) },
};

/** A plan of one phase, one host a wave. */
function serial(...hosts: string[]): Plan {
  const waves = hosts.map((host) => [host]);
  return { ...plan([phase('All', waves, [step('one', hosts), step('two', hosts)])]), budgets };
}

async function tried(db: Database, run: string, host: string, ending: Ending, name = 'one'): Promise<void> {
  const [begun] = await beginAttempts(db, run, name, [{ host, attempt: 1 }]);
  await writeIntents(db, [intent(run, name, host, begun!.holder)], []);
  await writeResults(db, [result(run, name, host, { ending })]);
}

const down = async (db: Database) => (await downMachines(db, machines)).map(({ machine, why }) => `${machine} ${why}`);

describe('a wave', () => {
  test('waits while another run has one of the group down, and says for whom', async () =>
    withDatabase(postgres, async (db) => {
      const [first, second] = [
        await running(db, serial('node1'), 'first'),
        await running(db, serial('node2'), 'second'),
      ];
      expect(await beginWave(db, first, 0, 0)).toBe(true);
      expect(await beginWave(db, first, 0, 0)).toBe(true);
      expect(await beginWave(db, second, 0, 0)).toBe(false);
      expect(await readRun(db, second)).toMatchObject({
        state: 'waiting',
        standing: {
          for: 'budget',
          group: 'nodes',
          hosts: ['node1'],
          runs: ['first'],
          because:
            'waits before node2: at most 1 of nodes may be down, and down is node1 (in a wave of run first, started by ada)',
        },
      });
      expect(await roomTurns(db)).toEqual([]);
      for (const name of ['one', 'two']) await tried(db, first, 'node1', 'done', name);
      expect(await down(db)).toEqual(['node1:22 wave']);
      await endWave(db, first, 0, 0);
      expect(await roomTurns(db)).toEqual([{ run: second }]);
      expect(await beginWave(db, second, 0, 0)).toBe(true);
      expect(await readRun(db, second)).toMatchObject({ state: 'running' });
    }));

  test('that is through passes again, but asks for room anew once some of it is due again', async () =>
    withDatabase(postgres, async (db) => {
      const [first, second] = [
        await running(db, serial('node1'), 'first'),
        await running(db, serial('node2'), 'second'),
      ];
      await beginWave(db, first, 0, 0);
      for (const name of ['one', 'two']) await tried(db, first, 'node1', 'done', name);
      await endWave(db, first, 0, 0);
      expect(await beginWave(db, second, 0, 0)).toBe(true);
      expect(await beginWave(db, first, 0, 0)).toBe(true);
      await db.query("update tasks set state = 'pending' where run = 'first' and step = 'two'");
      expect(await beginWave(db, first, 0, 0)).toBe(false);
      await endWave(db, second, 0, 0);
      expect(await beginWave(db, first, 0, 0)).toBe(true);
      expect(await down(db)).toContain('node1:22 wave');
    }));

  test('asked for at once by many runs begins in one alone', async () =>
    withDatabase(postgres, async (db) => {
      const runs = await Promise.all(['node1', 'node2', 'node3'].map(async (host) => running(db, serial(host))));
      // Whoever has found room waits to note its wave, so that all others have looked by then if they can.
      const runner = db.createQueryRunner();
      await runner.startTransaction();
      await runner.query('lock table begun_waves in share row exclusive mode');
      const begun = Promise.all(runs.map(async (run) => beginWave(db, run, 0, 0)));
      const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      await vi.waitFor(async () => expect(await db.query(waiting)).toHaveLength(3), { timeout: 30_000 });
      await runner.rollbackTransaction();
      await runner.release();
      expect((await begun).filter(Boolean)).toHaveLength(1);
    }));

  test('does not overtake a run that waits for room in the group for longer', async () =>
    withDatabase(postgres, async (db) => {
      const [first, second, third] = [
        await running(db, serial('node1'), 'first'),
        await running(db, serial('node2'), 'second'),
        await running(db, serial('node3'), 'third'),
      ];
      await beginWave(db, first, 0, 0);
      await beginWave(db, second, 0, 0);
      await endWave(db, first, 0, 0);
      expect(await beginWave(db, third, 0, 0)).toBe(false);
      expect((await readRun(db, third)).standing['because']).toBe(
        'waits before node3: run second, started by ada, has waited for room in nodes for longer',
      );
      expect((await roomTurns(db)).map(({ run }) => run)).toEqual(['second']);
    }));
});

describe('a host is down', () => {
  test('while the last thing that was tried on it stands failed, until a retry is well', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db, serial('node1', 'node2'));
      await beginWave(db, run, 0, 0);
      await tried(db, run, 'node1', 'unknown');
      await endWave(db, run, 0, 0);
      expect(await down(db)).toEqual(['node1:22 failed']);
      expect(await beginWave(db, run, 0, 1)).toBe(false);
      await acknowledge(db, { run, host: 'node2', reason: 'another one', by: 'ada' });
      expect(await down(db)).toEqual(['node1:22 failed']);
      await acknowledge(db, { run, host: 'node1', reason: 'I looked', by: 'ada' });
      expect(await down(db)).toEqual([]);
      expect(await beginWave(db, run, 0, 1)).toBe(true);
    }));

  test('while a run that ended badly left it in the middle, until that is undone', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db, serial('node1', 'node2'));
      await beginWave(db, run, 0, 0);
      await tried(db, run, 'node1', 'done');
      await moveRun(db, run, 'cancelled');
      await releaseLeases(db, run);
      expect(await down(db)).toEqual(['node1:22 wave']);
      const undo = await startUndo(db, run, 'ada');
      expect(await down(db)).toEqual(['node1:22 wave']);
      await writeUndoResults(db, run, undo, [{ step: 'one', host: 'node1', outcome: 'undone', summary: '' }]);
      await finishUndo(db, run, undo, 'undone');
      expect(await down(db)).toEqual([]);
    }));

  test('no more once a later run has succeeded there', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db, serial('node1'));
      await tried(db, run, 'node1', 'partial');
      await moveRun(db, run, 'failed');
      await releaseLeases(db, run);
      expect(await down(db)).toEqual(['node1:22 failed']);
      const later = await running(db, serial('node1'));
      await tried(db, later, 'node1', 'done');
      expect(await down(db)).toEqual(['node1:22 failed']);
      await moveRun(db, later, 'succeeded');
      expect(await down(db)).toEqual([]);
    }));

  test('not by a step that only looks, nor by a run that did nothing there', async () =>
    withDatabase(postgres, async (db) => {
      const looks = [step('one', ['node1'], { readOnly: true, undo: { how: 'nothing' } })];
      const run = await running(db, { ...plan([phase('All', [['node1'], ['node2']], looks)]), budgets });
      expect(await beginWave(db, run, 0, 0)).toBe(true);
      await beginAttempts(db, run, 'one', [{ host: 'node1', attempt: 1 }]);
      expect(await down(db)).toEqual([]);
    }));
});
