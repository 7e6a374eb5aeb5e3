import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listenEvents, readEvents } from '../../database/events.js';
import { appendOutput } from '../../database/output.js';
import { writeResults } from '../../database/results.js';
import { moveRun } from '../../database/runs.js';
import { readTroubles, tellTrouble, tellTroubleOver } from '../../database/trouble.js';
import { eventKinds } from '../../model/event.js';
import { phase, plan, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const soon = { timeout: 45_000, interval: 20 };

describe('events', () => {
  test('are numbered without a gap under twenty writers, and a writer that fails uses no number', async () =>
    withDatabase(postgres, async (db) => {
      const hosts = Array.from({ length: 20 }, (_, index) => `h${index}`);
      const run = await running(db, plan([phase('All', [hosts], [step('one', hosts)])]));
      await Promise.allSettled(
        hosts.flatMap((host) => [
          writeResults(db, [result(run, 'one', host)]),
          writeResults(db, [result(run, 'one', host, { attempt: 2 }), result(run, 'none', host)]),
        ]),
      );
      const events = await readEvents(db, run, 0, 100);
      expect(events.map((event) => event.sequence)).toEqual(events.map((_, index) => index + 1));
      expect(events.filter((event) => event.kind === 'task-ended')).toHaveLength(20);
    }));

  test('become visible in order: who has seen a number never finds a lower one later', async () =>
    withDatabase(postgres, async (db) => {
      const hosts = Array.from({ length: 20 }, (_, index) => `h${index}`);
      const run = await running(db, plan([phase('All', [hosts], [step('one', hosts)])]));
      const writing = Promise.all(hosts.map(async (host) => writeResults(db, [result(run, 'one', host)])));
      const seen: number[] = [];
      while (seen.length < 22) {
        seen.push(...(await readEvents(db, run, seen.at(-1) ?? 0, 100)).map((event) => event.sequence));
      }
      await writing;
      expect(seen).toEqual(Array.from({ length: 22 }, (_, index) => index + 1));
    }));

  test('tell what is tried again until it is over, or the run has moved on', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const trouble = { since: '2026-11-21T12:00:00.000Z', because: 'no such table' };
      const tell = async (work: string, step?: string): Promise<void> =>
        tellTrouble(db, { run, work }, step === undefined ? trouble : { ...trouble, step });
      await tell('1', 'redis');
      await tell('2');
      await tell('1', 'redis_up');
      expect(Object.fromEntries(await readTroubles(db, run))).toEqual({
        '1': { ...trouble, step: 'redis_up' },
        '2': trouble,
      });
      await tellTroubleOver(db, { run, work: '1' }, true);
      await moveRun(db, run, 'pausing');
      expect([...(await readTroubles(db, run)).keys()]).toEqual(['2']);
      await moveRun(db, run, 'paused');
      expect((await readTroubles(db, run)).size).toBe(0);
    }));

  test('are read from where one was, a page at a time, with kinds that are listed', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      for (const state of ['paused', 'running', 'paused'] as const) await moveRun(db, run, state);
      const page = await readEvents(db, run, 2, 2);
      expect(page.map((event) => [event.sequence, event.kind, event.data['to']])).toEqual([
        [3, 'run-moved', 'paused'],
        [4, 'run-moved', 'running'],
      ]);
      expect(page.every((event) => event.kind in eventKinds && event.at.endsWith('Z'))).toBe(true);
    }));
});

describe('listening', () => {
  test('hears of events and output of a run once they can be read, and nothing of what failed', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const [onRun, onOutput] = [vi.fn(), vi.fn()];
      const ears = await listenEvents(db.url, { onRun, onOutput });
      await moveRun(db, run, 'succeeded');
      await expect(moveRun(db, run, 'paused')).rejects.toThrow();
      await appendOutput(db, {
        ...{ run, step: 'redis', host: 'cache', attempt: 1, part: 'do', stream: 'stdout' },
        ...{ offset: 0, bytes: Buffer.from('x') },
      });
      await vi.waitFor(() => expect(onOutput).toHaveBeenCalledWith(run), soon);
      expect(onRun.mock.calls).toEqual([[run]]);
      await ears.close();
    }));

  test('goes on after its connection was lost, and says that something may have been missed', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const onRun = vi.fn();
      const ears = await listenEvents(db.url, { onRun });
      await db.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'belay ears'`);
      await vi.waitFor(() => expect(onRun).toHaveBeenCalledWith(undefined), soon);
      await moveRun(db, run, 'paused');
      await vi.waitFor(() => expect(onRun).toHaveBeenCalledWith(run), soon);
      await ears.close();
    }));

  test('of a database that is not there is refused at once, and closing while it is away ends', async () => {
    await expect(listenEvents(postgres.url.replace(/[^/]+$/, 'none'), { onRun: () => undefined })).rejects.toThrow(
      /does not exist/,
    );
    const ears = await listenEvents(postgres.url, { onRun: () => undefined });
    await postgres.stopImmediately();
    await ears.close();
    await postgres.start();
  }, 60_000);
});
