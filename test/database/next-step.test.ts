import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginAttempts, beginNext, firstOpenStep } from '../../database/attempts.js';
import type { Database } from '../../database/connect.js';
import { readIntents, writeIntents } from '../../database/intents.js';
import { NotAuthorised, StaleHolder } from '../../database/refusals.js';
import { readResults, writeResults } from '../../database/results.js';
import { readTasks } from '../../database/tasks.js';
import { commitVerb, settleVerb } from '../../database/verbs.js';
import { intent, phase, plan, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const stateOf = async (db: Database, run: string, stepId: string, host: string) =>
  (await readTasks(db, run)).find((task) => task.step === stepId && task.host === host);

/** What a server that crashes leaves of a commit that did not wait for the disk: nothing. */
async function takeBack(db: Database, tasks: readonly object[]): Promise<void> {
  await db.query('delete from results');
  await db.query(
    `update tasks set state = was.state, attempt = was.attempt, holder = was.holder
     from jsonb_populate_recordset(null::tasks, $1::jsonb) as was
     where (tasks.run, tasks.step, tasks.host) = (was.run, was.step, was.host)`,
    [JSON.stringify(tasks)],
  );
}

describe('beginning the next step', () => {
  const two = plan([phase('All', [['a']], [step('one', ['a']), step('two', ['a'])])]);
  const begun = async (
    db: Database,
  ): Promise<{ run: string; due: { host: string; attempt: number; holder: number }[] }> => {
    const run = await running(db, two);
    const [one] = await beginAttempts(db, run, 'one', [{ host: 'a', attempt: 1 }]);
    return { run, due: [{ host: 'a', attempt: 1, holder: one!.holder }] };
  };

  test('keeps the holder of the one before', async () =>
    withDatabase(postgres, async (db) => {
      const { run, due } = await begun(db);
      expect(await beginNext(db, run, { step: 'two', due, ended: [] })).toEqual(due);
      expect(await stateOf(db, run, 'two', 'a')).toMatchObject({ state: 'running', attempt: 1 });
      expect(await db.query('select holder from holders')).toEqual([{ holder: due[0]!.holder }]);
    }));

  test('begins nothing while a word waits, or the run is to pause', async () =>
    withDatabase(postgres, async (db) => {
      const { run, due } = await begun(db);
      await commitVerb(db, { id: 'v1', run, verb: 'pause', arguments: {}, by: 'anna' });
      expect(await beginNext(db, run, { step: 'two', due, ended: [] })).toBeUndefined();
      await settleVerb(db, 'v1', { accepted: true, because: 'the run pauses' });
      await db.query(`update runs set state = 'pausing' where run = $1`, [run]);
      expect(await beginNext(db, run, { step: 'two', due, ended: [] })).toBeUndefined();
      expect((await stateOf(db, run, 'two', 'a'))?.state).toBe('pending');
      await db.query(`update runs set state = 'running' where run = $1`, [run]);
      expect(await beginNext(db, run, { step: 'two', due, ended: [] })).toEqual(due);
    }));

  test('begins nothing for a worker that froze while another one has taken the host', async () =>
    withDatabase(postgres, async (db) => {
      const { run, due } = await begun(db);
      await beginAttempts(db, run, 'one', [{ host: 'a', attempt: 1 }]);
      await expect(beginNext(db, run, { step: 'two', due, ended: [] })).rejects.toThrow(StaleHolder);
      expect((await stateOf(db, run, 'two', 'a'))?.state).toBe('pending');
    }));

  test('writes what came of the one before', async () =>
    withDatabase(postgres, async (db) => {
      const { run, due } = await begun(db);
      const ended = [result(run, 'one', 'a')];
      expect(await beginNext(db, run, { step: 'two', due, ended })).toEqual(due);
      expect((await readResults(db, run, 'one')).map(({ ending }) => ending)).toEqual(['done']);
      expect((await stateOf(db, run, 'one', 'a'))?.state).toBe('changed');
      expect((await stateOf(db, run, 'two', 'a'))?.state).toBe('running');
    }));

  test('writes what came of the one before also where nothing may begin', async () =>
    withDatabase(postgres, async (db) => {
      const { run, due } = await begun(db);
      const ended = [result(run, 'one', 'a')];
      await db.query(`update runs set state = 'failed' where run = $1`, [run]);
      await expect(beginNext(db, run, { step: 'two', due, ended })).rejects.toThrow(NotAuthorised);
      expect((await readResults(db, run, 'one')).map(({ ending }) => ending)).toEqual(['done']);
      expect((await stateOf(db, run, 'two', 'a'))?.state).toBe('pending');
    }));

  test('lets a result of a worker that froze count as little as by itself', async () =>
    withDatabase(postgres, async (db) => {
      const { run, due } = await begun(db);
      await beginAttempts(db, run, 'one', [{ host: 'a', attempt: 1 }]);
      const ended = [{ ...result(run, 'one', 'a'), holder: due[0]!.holder }];
      await expect(beginNext(db, run, { step: 'two', due, ended })).rejects.toThrow(StaleHolder);
      expect(await readResults(db, run, 'one')).toEqual([]);
    }));

  test('is announced no more where a crash has taken it back, with what came of the one before', async () =>
    withDatabase(postgres, async (db) => {
      const { run, due } = await begun(db);
      const before = await db.query<object[]>(`select * from tasks order by position`);
      const ended = [result(run, 'one', 'a')];
      await beginNext(db, run, { step: 'two', due, ended });
      const announced = [intent(run, 'two', 'a', due[0]!.holder)];
      await takeBack(db, before);
      await expect(writeIntents(db, announced, [])).rejects.toThrow(StaleHolder);
      const skipped = { ...result(run, 'two', 'a', { ending: 'skipped' }), holder: due[0]!.holder };
      await expect(writeResults(db, [skipped])).rejects.toThrow(StaleHolder);
      expect([await readIntents(db, run, 'two'), await readResults(db, run, 'two')]).toEqual([[], []]);
      await beginNext(db, run, { step: 'two', due, ended });
      await writeIntents(db, announced, []);
      expect(await readIntents(db, run, 'two')).toMatchObject(announced);
    }));

  test('is known to whoever takes a stretch up: the first step that has not ended', async () =>
    withDatabase(postgres, async (db) => {
      const { run } = await begun(db);
      const steps = ['one', 'two'].map((id) => ({ step: id, hosts: [{ host: 'a', attempt: 1 }] }));
      expect(await firstOpenStep(db, run, steps)).toBe('one');
      await writeResults(db, [result(run, 'one', 'a')]);
      expect(await firstOpenStep(db, run, steps)).toBe('two');
      expect(await firstOpenStep(db, run, steps.slice(0, 1))).toBeUndefined();
    }));
});
