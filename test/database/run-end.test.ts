import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import { readEvents } from '../../database/events.js';
import { writeIntents } from '../../database/intents.js';
import { writeResults } from '../../database/results.js';
import { moveRun } from '../../database/runs.js';
import { readTasks } from '../../database/tasks.js';
import { intent, phase, plan, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

describe('a run that ends', () => {
  test('leaves no task running: unknown is what was announced and has told no end', async () =>
    withDatabase(postgres, async (db) => {
      const hosts = ['announced', 'again', 'begun', 'ended', 'waits'];
      const run = await running(db, plan([phase('All', [hosts], [step('redis', hosts)])]));
      const due = (attempt: number, ...names: string[]) => names.map((host) => ({ host, attempt }));
      const first = await beginAttempts(db, run, 'redis', due(1, 'announced', 'again', 'begun', 'ended'));
      const holderOf = (host: string): number => first.find((one) => one.host === host)?.holder ?? 0;
      const announced = ['announced', 'again', 'ended'];
      await writeIntents(
        db,
        announced.map((host) => intent(run, 'redis', host, holderOf(host))),
        [],
      );
      await writeResults(db, [result(run, 'redis', 'ended'), result(run, 'redis', 'again', { ending: 'partial' })]);
      await beginAttempts(db, run, 'redis', due(2, 'again'));
      await moveRun(db, run, 'failed', { kind: 'run/lost' });
      const tasks = Object.fromEntries((await readTasks(db, run)).map((task) => [task.host, task]));
      expect(Object.fromEntries(hosts.map((host) => [host, tasks[host]?.state]))).toEqual({
        announced: 'unknown',
        again: 'unknown',
        begun: 'pending',
        ended: 'changed',
        waits: 'pending',
      });
      expect(tasks['announced']?.failure).toMatchObject({
        kind: 'step/outcome-unknown',
        tried: 'redis on announced, attempt 1',
      });
      const told = (await readEvents(db, run, 0, 100))
        .slice(-4)
        .map(({ kind, data }) => [kind, data['host'] ?? data['to']]);
      expect(told.slice(0, 3).sort()).toEqual([
        ['task-settled', 'again'],
        ['task-settled', 'announced'],
        ['task-settled', 'begun'],
      ]);
      expect(told[3]).toEqual(['run-moved', 'failed']);
      await writeResults(db, [{ ...result(run, 'redis', 'announced'), holder: holderOf('announced') }]);
      expect((await readTasks(db, run)).find(({ host }) => host === 'announced')).toMatchObject({
        state: 'changed',
        ending: 'done',
      });
    }));
});
