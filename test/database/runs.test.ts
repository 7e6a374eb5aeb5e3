// cspell:ignore datname
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import { readAudit } from '../../database/audit.js';
import { closeDatabase, openDatabase, type Database } from '../../database/connect.js';
import { endRun } from '../../database/end-run.js';
import { readEvents } from '../../database/events.js';
import { writeIntents } from '../../database/intents.js';
import { leasesHeldSince, readLeases, releaseLeases, takeLeases } from '../../database/leases.js';
import { closedRunsWithLeases, openRuns, runsToStart } from '../../database/open-runs.js';
import { finishPhase, readOutline, readWave } from '../../database/outlines.js';
import { readPlan, storePlan } from '../../database/plans.js';
import {
  AmbiguousRun,
  IdempotencyConflict,
  IllegalMove,
  LeaseHeld,
  RunExists,
  UnknownPlan,
  UnknownRun,
  Unstorable,
} from '../../database/refusals.js';
import { restlessTasks } from '../../database/restless.js';
import { writeResults } from '../../database/results.js';
import { findRun, listRuns, moveRun, readRun } from '../../database/runs.js';
import { startRun, type RunRequest } from '../../database/start-run.js';
import { readTasks, settleTask } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import { finishUndo } from '../../database/undo.js';
import { isFinal, mayBeSent, mayMove } from '../../model/moves.js';
import { runStates, type Ending } from '../../model/states.js';
import { freshDatabase, gated, intent, phase, plan, planned, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

/** One attempt on the cache, from its beginning to its result. */
async function attempted(db: Database, run: string, attempt: number, ending: Ending): Promise<void> {
  const [begun] = await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt }]);
  await writeIntents(db, [intent(run, 'redis', 'cache', begun!.holder, { attempt })], []);
  await writeResults(db, [result(run, 'redis', 'cache', { attempt, ending })]);
}

const request = (run: string, more: Partial<RunRequest> = {}): RunRequest => ({
  run,
  planHash: 'p',
  by: 'ada',
  idempotencyKey: `key of ${run}`,
  requestDigest: 'd',
  ...more,
});

/** Does all of `work` at once: all of it waits for what `lock` locks, and for `meanwhile`, before any of it goes on. */
async function heldUp<T>(
  db: Database,
  lock: string,
  work: (() => Promise<T>)[],
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<PromiseSettledResult<T>[]> {
  const runner = db.createQueryRunner();
  await runner.startTransaction();
  await runner.query(lock);
  const settled = Promise.allSettled(work.map(async (one) => one()));
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  await vi.waitFor(async () => expect(await db.query(waiting)).toHaveLength(work.length), { timeout: 30_000 });
  await meanwhile();
  await runner.rollbackTransaction();
  await runner.release();
  return settled;
}

describe('a plan', () => {
  test('may be stored twice, and comes back as it was, also where it was not remembered', async () =>
    withDatabase(postgres, async (db) => {
      await Promise.all([storePlan(db, gated, 'p'), storePlan(db, gated, 'p')]);
      expect(await readPlan(db, 'p')).toEqual(gated);
      expect(await readPlan(db, 'p')).toEqual(gated);
      await expect(readPlan(db, 'q')).rejects.toThrow(UnknownPlan);
    }));

  test('with a character that Postgres cannot keep is refused rather than changed', async () =>
    withDatabase(postgres, async (db) => {
      for (const about of ['a\0b', 'half \ud800 a pair'])
        await expect(storePlan(db, { ...gated, runbook: { ...gated.runbook, about } }, 'p')).rejects.toThrow(
          Unstorable,
        );
    }));
});

describe('starting a run', () => {
  test('writes tasks for every step and host, gates and leases, and says so', async () =>
    withDatabase(postgres, async (db) => {
      await storePlan(db, gated, 'p');
      expect(await startRun(db, request('a'))).toEqual({ run: 'a', created: true });
      const tasks = await readTasks(db, 'a');
      expect(tasks.map((task) => `${task.phase}.${task.wave} ${task.step}@${task.host} ${task.state}`)).toEqual([
        '0.0 redis@cache pending',
        '0.0 redis_up@cache pending',
        '1.0 stunnel@node1 pending',
        '1.1 stunnel@node2 pending',
      ]);
      expect((await readLeases(db)).map(({ machine, run }) => [machine, run])).toEqual([
        ['cache:22', 'a'],
        ['node1:22', 'a'],
        ['node2:22', 'a'],
      ]);
      expect((await readEvents(db, 'a', 0, 10)).map((event) => event.kind)).toEqual(['run-started']);
      expect((await readAudit(db, 'a', 0, 10)).map((entry) => [entry.kind, entry.by])).toEqual([
        ['run-started', 'ada'],
      ]);
      expect(await readRun(db, 'a')).toMatchObject({ run: 'a', runbook: 'example', state: 'planned', by: 'ada' });
    }));

  test('at once on the same hosts without waiting: one starts, the other hears who holds them and leaves nothing behind', async () =>
    withDatabase(postgres, async (db) => {
      await storePlan(db, gated, 'p');
      const both = await Promise.allSettled(['a', 'b'].map(async (run) => startRun(db, request(run, { wait: false }))));
      const refused = both.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(refused).toHaveLength(1);
      expect(refused[0]).toBeInstanceOf(LeaseHeld);
      const [winner, loser] = both[0]!.status === 'fulfilled' ? ['a', 'b'] : ['b', 'a'];
      expect(refused[0]).toMatchObject({ run: winner, machine: 'cache:22' });
      await expect(readRun(db, loser!)).rejects.toThrow(UnknownRun);
      expect(await readTasks(db, loser!)).toEqual([]);
      expect(await readEvents(db, loser!, 0, 10)).toEqual([]);
      expect(await readAudit(db, loser!, 0, 10)).toEqual([]);
    }));

  test('at once on hosts that overlap crosswise never locks the other out', async () => {
    const db = await freshDatabase(postgres);
    const order = (hosts: string[]) => plan([phase('All', [hosts], [step('one', hosts)])]);
    await storePlan(db, order(['a', 'b', 'c']), 'forward');
    await storePlan(db, order(['c', 'b', 'a']), 'backward');
    const other = await running(db, order(['elsewhere']));
    const both = ['a', 'z'].map(
      (run) => () => startRun(db, request(run, { planHash: run === 'a' ? 'forward' : 'backward', wait: false })),
    );
    // The first meets the lease in the middle, and the other one stands behind it.
    const ends = await heldUp(db, `insert into leases values ('b:22', '${other}')`, both);
    expect(ends.map((end) => end.status).sort()).toEqual(['fulfilled', 'rejected']);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toBeInstanceOf(LeaseHeld);
    // A server process tells of its deadlocks at its end at the latest.
    await closeDatabase(db);
    const again = await openDatabase(db.url);
    const others = `select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
    await vi.waitFor(async () => expect(await again.query(others)).toEqual([]), { timeout: 30_000 });
    const deadlocks = 'select deadlocks from pg_stat_database where datname = current_database()';
    expect(await again.query(deadlocks)).toEqual([{ deadlocks: 0 }]);
    await closeDatabase(again);
  });

  test('with one idempotency key many times at once: one run, and everybody hears its name', async () =>
    withDatabase(postgres, async (db) => {
      await storePlan(db, gated, 'p');
      const answers = await Promise.all(
        [1, 2, 3, 4, 5].map(async (index) => startRun(db, request(`r${index}`, { idempotencyKey: 'k' }))),
      );
      expect(new Set(answers.map(({ run }) => run)).size).toBe(1);
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      expect(await listRuns(db, { limit: 10 })).toHaveLength(1);
    }));

  test('with a used key for something else is refused, and so is a used name', async () =>
    withDatabase(postgres, async (db) => {
      await storePlan(db, gated, 'p');
      await startRun(db, request('a', { idempotencyKey: 'k' }));
      await expect(startRun(db, request('b', { idempotencyKey: 'k', requestDigest: 'other' }))).rejects.toThrow(
        IdempotencyConflict,
      );
      await expect(startRun(db, request('a', { idempotencyKey: 'l' }))).rejects.toThrow(RunExists);
      await expect(startRun(db, request('c', { planHash: 'none' }))).rejects.toThrow(UnknownPlan);
    }));

  test('takes one lease for two names of one machine', async () =>
    withDatabase(postgres, async (db) => {
      const twice = plan([phase('All', [['a', 'alias']], [step('one', ['a', 'alias'])])], { alias: 'a:22' });
      const run = await running(db, twice);
      expect(await readLeases(db)).toMatchObject([{ machine: 'a:22', run }]);
    }));
});

describe('a move', () => {
  test(
    'is possible exactly where the table says so, for every pair of states',
    async () =>
      withDatabase(postgres, async (db) => {
        await planned(db, gated, 'a');
        for (const from of runStates) {
          for (const to of runStates) {
            await db.query('update runs set state = $1, standing = $2 where run = $3', [from, '{"x":1}', 'a']);
            const moved = await moveRun(db, 'a', to, { x: 1 }).catch((error: unknown) => error);
            const may = (from === to || mayMove(from, to)) && mayBeSent(to, undefined, false);
            expect(moved, `${from} → ${to}`).toEqual(may ? undefined : expect.any(IllegalMove));
            expect((await readRun(db, 'a')).state).toBe(moved === undefined ? to : from);
          }
        }
      }),
    60_000,
  );

  test('that repeats itself writes nothing; one that says something new does', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const kinds = async () => (await readEvents(db, run, 0, 100)).map((event) => event.data);
      const before = await kinds();
      await moveRun(db, run, 'running');
      expect(await kinds()).toEqual(before);
      await moveRun(db, run, 'waiting', { for: 'approval', phase: 1 });
      await moveRun(db, run, 'waiting', { phase: 1, for: 'approval' });
      await moveRun(db, run, 'waiting', { for: 'decision' });
      expect((await kinds()).slice(before.length)).toEqual([
        { for: 'approval', phase: 1, from: 'running', to: 'waiting' },
        { for: 'decision', from: 'waiting', to: 'waiting' },
      ]);
      expect((await readRun(db, run)).standing).toEqual({ for: 'decision' });
    }));

  test('to an end keeps what the first one said', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await moveRun(db, run, 'failed', { because: 'terminated' });
      await moveRun(db, run, 'failed', { because: 'something else' });
      const record = await readRun(db, run);
      expect(record.standing).toEqual({ because: 'terminated' });
      expect(record.endedAt).toBeDefined();
      await startUndo(db, run, 'ada');
      expect((await readRun(db, run)).endedAt).toBeUndefined();
    }));

  test('at once to two ends: one is first, the other is refused', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const both = await heldUp(db, `select from runs where run = '${run}' for update`, [
        () => moveRun(db, run, 'succeeded'),
        () => moveRun(db, run, 'failed'),
      ]);
      expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    }));
});

describe('leases', () => {
  test('are kept while the same run takes them again, and their time starts anew once given up', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const since = await leasesHeldSince(db, run);
      await takeLeases(db, run);
      expect(await leasesHeldSince(db, run)).toBe(since);
      await moveRun(db, run, 'failed');
      await releaseLeases(db, run);
      expect(await leasesHeldSince(db, run)).toBeUndefined();
      expect(await readLeases(db)).toEqual([]);
      await takeLeases(db, run);
      expect(await leasesHeldSince(db, run)).not.toBe(since);
    }));

  test('are not given up by a run that is open', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await releaseLeases(db, run);
      expect(await readLeases(db)).toHaveLength(3);
    }));

  test.each([
    ['that has ended', async (db: Database, run: string) => endRun(db, run, 'succeeded')],
    [
      'that is undone',
      async (db: Database, run: string) => finishUndo(db, run, await startUndo(db, run, 'ada'), 'undone', true),
    ],
  ])('of a run %s are free in the same instant: nobody sees its end while they are held', async (_, end) =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const open = async (): Promise<void> => expect(isFinal((await readRun(db, run)).state)).toBe(false);
      const lock = `select from leases where run = '${run}' for update`;
      expect(await heldUp(db, lock, [async () => end(db, run)], open)).toMatchObject([{ status: 'fulfilled' }]);
      expect(isFinal((await readRun(db, run)).state)).toBe(true);
      expect(await readLeases(db)).toEqual([]);
    }),
  );

  test('are kept by a run that has ended while something of it may still go on', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const [begun] = await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt: 1 }]);
      await writeIntents(db, [intent(run, 'redis', 'cache', begun?.holder ?? 0)], []);
      await endRun(db, run, 'cancelled');
      expect(await readRun(db, run)).toMatchObject({ state: 'cancelled' });
      expect(await readLeases(db)).toHaveLength(3);
      expect(await closedRunsWithLeases(db)).toEqual([run]);
    }));

  test.each(['skipped', 'changed'] as const)(
    'are kept though somebody has said that what is unknown is %s: it may still go on',
    async (state) =>
      withDatabase(postgres, async (db) => {
        const run = await running(db);
        await attempted(db, run, 1, 'unknown');
        await settleTask(db, { run, step: 'redis', host: 'cache', state, because: 'seen', by: 'ada' });
        await endRun(db, run, 'succeeded');
        expect(await readLeases(db)).toHaveLength(3);
        expect(await restlessTasks(db, run)).toEqual([{ step: 'redis', host: 'cache', turn: 0 }]);
      }),
  );

  test('are not kept for an attempt after which another one has acted', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await attempted(db, run, 1, 'unknown');
      await attempted(db, run, 2, 'done');
      await endRun(db, run, 'succeeded');
      expect(await readLeases(db)).toEqual([]);
    }));

  test('are taken all or not at all', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await moveRun(db, run, 'failed');
      await releaseLeases(db, run);
      const other = await running(db, plan([phase('All', [['node2']], [step('one', ['node2'])])]));
      await expect(takeLeases(db, run)).rejects.toMatchObject({ name: 'LeaseHeld', machine: 'node2:22', run: other });
      expect(await readLeases(db)).toMatchObject([{ machine: 'node2:22', run: other }]);
      expect(await leasesHeldSince(db, run)).toBeUndefined();
    }));
});

describe('finding runs', () => {
  test('by the beginning of their name, if only one begins so', async () =>
    withDatabase(postgres, async (db) => {
      for (const run of ['cache-ab12', 'cache-ab34', 'cache_x', 'cache-a']) {
        await running(db, plan([phase('All', [[run]], [step('one', [run])])]), run);
      }
      expect(await findRun(db, 'cache-ab1')).toBe('cache-ab12');
      expect(await findRun(db, 'cache-a')).toBe('cache-a');
      expect(await findRun(db, 'cache_')).toBe('cache_x');
      await expect(findRun(db, 'cache-ab')).rejects.toThrow(AmbiguousRun);
      await expect(findRun(db, '%')).rejects.toThrow(UnknownRun);
      await expect(findRun(db, '')).rejects.toThrow(UnknownRun);
    }));

  test('page by page, newest first, and those that wait', async () =>
    withDatabase(postgres, async (db) => {
      for (const run of ['a', 'b', 'c', 'd'])
        await running(db, plan([phase('All', [[run]], [step('one', [run])])]), run);
      await moveRun(db, 'b', 'paused');
      await moveRun(db, 'd', 'waiting');
      const names = async (filter: Parameters<typeof listRuns>[1]) =>
        (await listRuns(db, filter)).map(({ run }) => run);
      expect(await names({ limit: 3 })).toEqual(['d', 'c', 'b']);
      expect(await names({ limit: 3, before: 'b' })).toEqual(['a']);
      expect(await names({ limit: 3, waiting: true })).toEqual(['d', 'b']);
    }));

  test('what the sweep asks for: never started, open, ended with leases', async () =>
    withDatabase(postgres, async (db) => {
      await planned(db, plan([phase('All', [['a']], [step('one', ['a'])])]), 'a');
      const other = await running(db);
      expect(await runsToStart(db, 0)).toEqual(['a']);
      expect(await runsToStart(db, 60_000)).toEqual([]);
      expect(await openRuns(db)).toMatchObject([
        { run: 'a', state: 'planned' },
        { run: other, state: 'running' },
      ]);
      await moveRun(db, other, 'succeeded');
      expect((await openRuns(db)).map(({ run }) => run)).toEqual(['a']);
      expect(await closedRunsWithLeases(db)).toEqual([other]);
      await releaseLeases(db, other);
      expect(await closedRunsWithLeases(db)).toEqual([]);
    }));
});

describe('outlines', () => {
  test('give the workflows names and counts', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await finishPhase(db, run, 0);
      await finishPhase(db, run, 0);
      const outline = await readOutline(db, run);
      expect(outline).toMatchObject({ run, state: 'running', planHash: `hash of ${run}` });
      expect(outline.phases).toEqual([
        { name: 'Cache', waves: [['cache']], onFailure: 'pause', done: true, wave: 0 },
        {
          name: 'Nodes',
          waves: [['node1'], ['node2']],
          onFailure: 'pause',
          done: false,
          wave: 0,
          approval: gated.phases[1]!.approval,
        },
      ]);
      expect((await readEvents(db, run, 0, 100)).filter((event) => event.kind === 'phase-finished')).toHaveLength(1);
      const wave = await readWave(db, run, 1, 1);
      expect(wave.steps).toMatchObject([{ id: 'stunnel', on: 'host', seconds: 0, hosts: ['node2'] }]);
      expect(wave.tasks).toEqual([{ step: 'stunnel', host: 'node2', state: 'pending', attempt: 0, settled: false }]);
      await expect(readWave(db, run, 1, 2)).rejects.toThrow(RangeError);
      await expect(readWave(db, run, 7, 0)).rejects.toThrow(RangeError);
    }));
});
