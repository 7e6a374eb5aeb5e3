import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import type { Database } from '../../database/connect.js';
import { readEvents } from '../../database/events.js';
import { writeIntents } from '../../database/intents.js';
import { writeResults } from '../../database/results.js';
import { readTasks } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import { finishUndo, writeUndoResults } from '../../database/undo.js';
import type { UndoResult } from '../../model/record.js';
import { beforeTakers } from '../../model/task/undone-by.js';
import { intent, phase, plan, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const both = ['node1', 'node2'];
const book = plan([
  phase(
    'Only',
    [both],
    [step('kept', both), step('more', ['node1']), step('used', both, { undo: { how: 'by', by: ['kept', 'more'] } })],
  ),
]);

/** A run in which all was done, whose undo has left `used` until its takers are back. */
async function undoing(db: Database): Promise<{ run: string; undo: number }> {
  const run = await running(db, book);
  for (const { id, tasks } of book.phases[0]!.steps)
    for (const { host, holder } of await beginAttempts(
      db,
      run,
      id,
      Object.keys(tasks).map((host) => ({ host, attempt: 1 })),
    )) {
      await writeIntents(db, [intent(run, id, host, holder)], []);
      await writeResults(db, [result(run, id, host)]);
    }
  const undo = await startUndo(db, run, 'ada');
  await writeUndoResults(
    db,
    run,
    undo,
    both.map((host) => ({ step: 'used', host, ...waiting(host) })),
  );
  return { run, undo };
}

function waiting(host: string): Omit<UndoResult, 'step' | 'host'> {
  const taker = (id: string): Parameters<typeof beforeTakers>[1][number] => ({ step: id, name: id, will: 'act' });
  return beforeTakers(`to undo used on ${host}`, host === 'node1' ? [taker('kept'), taker('more')] : [taker('kept')]);
}

const back = (id: string, host: string, more: Partial<UndoResult> = {}): UndoResult => ({
  ...{ step: id, host, outcome: 'undone', summary: 'restored' },
  ...more,
});

describe('a task that goes back with others', () => {
  const states = async (db: Database, run: string): Promise<Record<string, string>> =>
    Object.fromEntries((await readTasks(db, run)).map((task) => [`${task.step}@${task.host}`, task.state]));

  test('is back in the transaction in which the last of them is', async () =>
    withDatabase(postgres, async (db) => {
      const { run, undo } = await undoing(db);
      await writeUndoResults(db, run, undo, [back('more', 'node1')]);
      expect(await states(db, run)).toMatchObject({ 'more@node1': 'undone', 'used@node1': 'changed' });
      await writeUndoResults(
        db,
        run,
        undo,
        both.map((host) => back('kept', host)),
      );
      expect(new Set(Object.values(await states(db, run)))).toEqual(new Set(['undone']));
      const said = (await readEvents(db, run, 0, 99)).filter(
        ({ kind, data }) => kind === 'task-undone' && data['step'] === 'used',
      );
      expect(said.map(({ data }) => [data['host'], data['outcome'], data['summary']])).toEqual([
        [
          'node1',
          'left',
          expect.stringMatching(/^it goes back with kept \(kept\) and more \(more\), and that has not/),
        ],
        ['node2', 'left', expect.stringMatching(/^it goes back with kept/)],
        ['node1', 'undone', 'it has gone back with Step kept is so (kept)'],
        ['node2', 'undone', 'it has gone back with Step kept is so (kept)'],
      ]);
      expect(said[0]?.data['failure']).toMatchObject({ kind: 'undo/with-another' });
      expect(said[2]?.data).not.toHaveProperty('failure');
    }));

  test('stays and says so where one of them stays, fails or waits for a decision', async () =>
    withDatabase(postgres, async (db) => {
      const { run, undo } = await undoing(db);
      const failure = { kind: 'undo/changed-since', tried: 't', known: 'k', next: 'n' } as const;
      await writeUndoResults(db, run, undo, [
        back('more', 'node1', { outcome: 'decide', failure }),
        back('kept', 'node1'),
        back('kept', 'node2', { outcome: 'left' }),
      ]);
      await finishUndo(db, run, undo, 'undo_incomplete');
      const used = (await readTasks(db, run)).filter((task) => task.step === 'used');
      expect(used.map(({ host, state, left }) => [host, state, left])).toEqual([
        [
          'node1',
          'changed',
          { undo, because: 'it goes back with kept (kept) and more (more), and that has not gone back yet' },
        ],
        ['node2', 'changed', { undo, because: 'it goes back with kept (kept), and that has not gone back yet' }],
      ]);
    }));

  test('goes back after a decision about one of them', async () =>
    withDatabase(postgres, async (db) => {
      const { run, undo } = await undoing(db);
      await writeUndoResults(db, run, undo, [back('kept', 'node2', { outcome: 'undo_failed' })]);
      expect(await states(db, run)).toMatchObject({ 'used@node2': 'changed' });
      await writeUndoResults(db, run, undo, [back('kept', 'node2')]);
      await writeUndoResults(db, run, undo, [back('used', 'node2', { outcome: 'left', summary: 'said too late' })]);
      expect(await states(db, run)).toMatchObject({ 'used@node2': 'undone', 'used@node1': 'changed' });
    }));

  test('stays for good where there was nothing of one of them to take back', async () =>
    withDatabase(postgres, async (db) => {
      const { run, undo } = await undoing(db);
      await writeUndoResults(db, run, undo, [back('more', 'node1', { idle: true })]);
      await writeUndoResults(
        db,
        run,
        undo,
        both.map((host) => back('kept', host)),
      );
      expect(await states(db, run)).toMatchObject({ 'used@node1': 'changed', 'used@node2': 'undone' });
      const [used] = (await readTasks(db, run)).filter((task) => task.step === 'used');
      expect(used?.left?.because).toMatch(
        /^it goes back with Step more is so \(more\), which has changed nothing there/,
      );
    }));

  test('stays where somebody has said that it stays', async () =>
    withDatabase(postgres, async (db) => {
      const { run, undo } = await undoing(db);
      await writeUndoResults(db, run, undo, [{ step: 'used', host: 'node2', outcome: 'left', summary: 'left by ada' }]);
      await writeUndoResults(db, run, undo, [back('kept', 'node2')]);
      expect(await states(db, run)).toMatchObject({ 'kept@node2': 'undone', 'used@node2': 'changed' });
    }));
});
