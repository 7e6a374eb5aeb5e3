import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { beginAttempts } from '../../database/attempts.js';
import { readEvents } from '../../database/events.js';
import { readIntents, writeIntents } from '../../database/intents.js';
import { releaseLeases } from '../../database/leases.js';
import { owedRestarts, payRestarts } from '../../database/owed.js';
import { keepPreImage, readPreImage } from '../../database/pre-images.js';
import { NotAuthorised, StaleAttempt, StaleHolder, UnknownTask } from '../../database/refusals.js';
import { keepRendered } from '../../database/rendered.js';
import { readBindings, readResults, writeResults } from '../../database/results.js';
import { moveRun } from '../../database/runs.js';
import { readTasks, reopenTasks, settleTask } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import type { Database } from '../../database/connect.js';
import { endings, stateAfter } from '../../model/states.js';
import { intent, openedGate, phase, plan, result, running, step, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const stateOf = async (db: Database, run: string, stepId: string, host: string) =>
  (await readTasks(db, run)).find((task) => task.step === stepId && task.host === host);

async function begin(db: Database, run: string, attempt = 1): Promise<number> {
  return (await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt }]))[0]!.holder;
}

describe('beginning an attempt', () => {
  test('once more, by another worker, is no new beginning', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      for (const attempt of [1, 1, 2]) await begin(db, run, attempt);
      const started = (await readEvents(db, run, 0, 100)).filter(({ kind }) => kind === 'step-started');
      expect(started.map(({ data }) => data['attempts'])).toEqual([
        [{ host: 'cache', attempt: 1 }],
        [{ host: 'cache', attempt: 2 }],
      ]);
    }));

  test('sets the task running and gives a holder not below the time', async () =>
    withDatabase(postgres, async (db) => {
      const before = Date.now();
      const run = await running(db);
      expect(await begin(db, run)).toBeGreaterThanOrEqual(before);
      expect(await stateOf(db, run, 'redis', 'cache')).toMatchObject({ state: 'running', attempt: 1, settled: false });
    }));

  test('fifty times at once gives every taker another, greater holder', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const given: number[] = [];
      await Promise.all(Array.from({ length: 50 }, async () => given.push(await begin(db, run))));
      expect(new Set(given).size).toBe(50);
      expect(await begin(db, run)).toBeGreaterThan(Math.max(...given));
    }));

  test('goes on above the last holder when the clock has gone back', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const future = Date.now() + 1_000_000;
      await db.query('insert into holders values ($1, $2)', ['cache:22', future]);
      expect(await begin(db, run)).toBe(future + 1);
      expect(await begin(db, run)).toBe(future + 2);
    }));

  test('gives two names of one machine one holder', async () =>
    withDatabase(postgres, async (db) => {
      const twice = plan([phase('All', [['a', 'alias']], [step('one', ['a', 'alias'])])], { alias: 'a:22' });
      const begun = await beginAttempts(db, await running(db, twice), 'one', [
        { host: 'a', attempt: 1 },
        { host: 'alias', attempt: 1 },
      ]);
      expect(begun[0]!.holder).toBe(begun[1]!.holder);
    }));

  test('is refused in every state but running and pausing', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      for (const state of ['planned', 'waiting', 'paused', 'undoing', 'succeeded', 'failed', 'cancelled']) {
        await db.query('update runs set state = $1 where run = $2', [state, run]);
        await expect(begin(db, run), state).rejects.toThrow(NotAuthorised);
        expect((await stateOf(db, run, 'redis', 'cache'))?.state).toBe('pending');
      }
      await db.query(`update runs set state = 'pausing' where run = $1`, [run]);
      await begin(db, run);
    }));

  test('is refused behind a gate until that is open, and elsewhere never minds it', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const due = [{ host: 'node1', attempt: 1 }];
      await expect(beginAttempts(db, run, 'stunnel', due)).rejects.toThrow(NotAuthorised);
      await begin(db, run);
      await openedGate(db, run, 1);
      expect(await beginAttempts(db, run, 'stunnel', due)).toHaveLength(1);
    }));

  test('is refused without the lease, for an unknown host, and for an attempt that is over', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await expect(beginAttempts(db, run, 'redis', [{ host: 'node1', attempt: 1 }])).rejects.toThrow(UnknownTask);
      await begin(db, run, 2);
      await expect(begin(db, run, 1)).rejects.toThrow(StaleAttempt);
      await db.query('delete from leases');
      await expect(begin(db, run, 2)).rejects.toThrow(NotAuthorised);
    }));

  test('of one that has ended gives its result and leaves the task as it was', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await begin(db, run);
      await writeResults(db, [result(run, 'redis', 'cache')]);
      const [again] = await beginAttempts(db, run, 'redis', [{ host: 'cache', attempt: 1 }]);
      expect(again?.result).toEqual(result(run, 'redis', 'cache'));
      expect((await stateOf(db, run, 'redis', 'cache'))?.state).toBe('changed');
    }));
});

describe('intents', () => {
  test('are written once: the first nonce and boot id stay', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const first = intent(run, 'redis', 'cache', await begin(db, run));
      await writeIntents(db, [first], []);
      const second = { ...first, holder: await begin(db, run), nonce: 'n2', bootId: 'b2' };
      await writeIntents(db, [second], []);
      expect(await readIntents(db, run, 'redis')).toMatchObject([first]);
    }));

  test('of a holder that is over are refused, and nothing is written', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const stale = await begin(db, run);
      await begin(db, run);
      await expect(writeIntents(db, [intent(run, 'redis', 'cache', stale)], [])).rejects.toThrow(StaleHolder);
      expect(await readIntents(db, run, 'redis')).toEqual([]);
    }));

  test('are refused once the run may not act any more, or is being undone', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const one = intent(run, 'redis', 'cache', await begin(db, run));
      await expect(writeIntents(db, [{ ...one, part: 'undo', undo: 1 }], [])).rejects.toThrow(NotAuthorised);
      await startUndo(db, run, 'ada');
      await expect(writeIntents(db, [one], [])).rejects.toThrow(NotAuthorised);
    }));

  test('say how their attempts ended', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await writeIntents(db, [intent(run, 'redis', 'cache', await begin(db, run))], []);
      await writeResults(db, [result(run, 'redis', 'cache', { ending: 'partial' })]);
      await writeIntents(db, [intent(run, 'redis', 'cache', await begin(db, run, 2), { attempt: 2 })], []);
      const recorded = await readIntents(db, run, 'redis');
      expect(recorded.map(({ attempt, ending }) => [attempt, ending])).toEqual([
        [1, 'partial'],
        [2, undefined],
      ]);
    }));
});

describe('results', () => {
  test('of every ending lead to their state', async () =>
    withDatabase(postgres, async (db) => {
      const hosts = [...endings];
      const run = await running(db, plan([phase('All', [hosts], [step('one', hosts)])]));
      await writeResults(
        db,
        endings.map((ending) => result(run, 'one', ending, { ending })),
      );
      for (const ending of endings) {
        expect(await stateOf(db, run, 'one', ending)).toMatchObject({
          state: stateAfter[ending],
          settled: true,
          ending,
        });
      }
    }));

  test('of steps that only read leave nothing changed', async () =>
    withDatabase(postgres, async (db) => {
      const hosts = [...endings];
      const run = await running(db, plan([phase('All', [hosts], [step('one', hosts)])]));
      await writeResults(
        db,
        endings.map((ending) => ({ ...result(run, 'one', ending, { ending }), reads: true })),
      );
      for (const ending of endings) {
        const state = ending === 'done' ? 'ok' : stateAfter[ending];
        expect(await stateOf(db, run, 'one', ending)).toMatchObject({ state, settled: true, ending });
      }
    }));

  test('written twice, or twice at once, count once; the first of an attempt stays', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await begin(db, run);
      const failure = { kind: 'step/exit', tried: 't', known: 'k', next: 'n' } as const;
      const first = result(run, 'redis', 'cache', {
        ending: 'partial',
        exit: 3,
        failure,
        preImage: 'a',
        postImage: 'b',
      });
      const answers = await Promise.all([writeResults(db, [first]), writeResults(db, [first])]);
      expect(answers.flat()).toEqual([{ step: 'redis', host: 'cache', attempt: 1, because: 'recorded-before' }]);
      await writeResults(db, [result(run, 'redis', 'cache', { ending: 'done' })]);
      expect(await readResults(db, run, 'redis')).toEqual([first]);
      expect((await readEvents(db, run, 0, 100)).filter((event) => event.kind === 'task-ended')).toHaveLength(1);
      expect(await stateOf(db, run, 'redis', 'cache')).toMatchObject({ state: 'failed', exit: 3, failure });
    }));

  test('of an attempt or holder that is over are ignored, and that is said', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const stale = await begin(db, run, 2);
      const holder = await begin(db, run, 2);
      expect(await writeResults(db, [result(run, 'redis', 'cache', { attempt: 1 })])).toMatchObject([
        { because: 'later-attempt' },
      ]);
      const second = result(run, 'redis', 'cache', { attempt: 2 });
      expect(await writeResults(db, [{ ...second, ending: 'unknown', holder: stale }])).toMatchObject([
        { because: 'stale-holder' },
      ]);
      expect(await stateOf(db, run, 'redis', 'cache')).toMatchObject({ state: 'running', settled: false });
      expect(await writeResults(db, [{ ...second, holder }])).toEqual([]);
      const ignored = (await readEvents(db, run, 0, 100)).filter((event) => event.kind === 'result-ignored');
      expect(ignored.map((event) => event.data['because'])).toEqual(['later-attempt', 'stale-holder']);
    }));

  test('after an operator has settled the task are kept but change nothing', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await begin(db, run);
      await settleTask(db, { run, step: 'redis', host: 'cache', state: 'skipped', because: 'done by hand', by: 'ada' });
      expect(await writeResults(db, [result(run, 'redis', 'cache')])).toMatchObject([{ because: 'settled-by-word' }]);
      expect(await stateOf(db, run, 'redis', 'cache')).toMatchObject({
        state: 'skipped',
        settledBy: { by: 'ada', because: 'done by hand' },
      });
      expect(await readResults(db, run, 'redis')).toHaveLength(1);
    }));

  test('of hosts that print anything at all can be stored, at most 512 bytes of it', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const summary = `\0\ud800${'ü'.repeat(400)}`;
      await writeResults(db, [
        result(run, 'redis', 'cache', { summary, registered: { pong: 'a\0b', '\0': [1.5, null] } }),
      ]);
      const [kept] = await readResults(db, run, 'redis');
      expect(kept!.registered).toEqual({ pong: 'a\ufffdb', '\ufffd': [1.5, null] });
      expect(kept!.summary).toMatch(/^\ufffd\ufffdü+$/);
      expect(Buffer.byteLength(kept!.summary)).toBeLessThanOrEqual(512);
    }));

  test('of one batch are written whole or not at all', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const batch = [result(run, 'redis', 'cache'), result(run, 'redis', 'nobody')];
      await expect(writeResults(db, batch)).rejects.toThrow(UnknownTask);
      expect(await readResults(db, run, 'redis')).toEqual([]);
    }));

  test('bring the values that were registered, of the newest attempt', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await writeResults(db, [result(run, 'redis', 'cache', { ending: 'partial', registered: { pong: 'old' } })]);
      await writeResults(db, [
        result(run, 'redis', 'cache', { attempt: 2, registered: { pong: 'PONG', n: 3, b: true } }),
      ]);
      await writeResults(db, [result(run, 'redis_up', 'cache')]);
      expect(await readBindings(db, run)).toEqual({ redis: { cache: { pong: 'PONG', n: 3, b: true } } });
    }));
});

describe('an operator', () => {
  test('reopens tasks that failed, so that their next attempt is due', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await writeResults(db, [result(run, 'redis', 'cache', { ending: 'unknown' }), result(run, 'redis_up', 'cache')]);
      const both = [
        { step: 'redis', host: 'cache' },
        { step: 'redis_up', host: 'cache' },
      ];
      expect(await reopenTasks(db, run, both, 'ada')).toEqual([both[0]]);
      expect(await reopenTasks(db, run, both, 'ada')).toEqual([]);
      expect(await stateOf(db, run, 'redis', 'cache')).toMatchObject({ state: 'pending', attempt: 1, settled: true });
      await begin(db, run, 2);
      expect(await stateOf(db, run, 'redis', 'cache')).toMatchObject({ state: 'running', attempt: 2, settled: false });
    }));
});

describe('what was resolved for a task', () => {
  test('is kept once, whoever comes first', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const task = { run, step: 'redis', host: 'cache' };
      const kept = await Promise.all([
        keepRendered(db, task, { when: true, values: { b: 1, a: 'x' } }),
        keepRendered(db, task, { when: false, values: {} }),
      ]);
      expect(kept[0]).toEqual(kept[1]);
      expect(kept[0].hash).toMatch(/^[0-9a-f]{64}$/);
      expect(await keepRendered(db, task, { when: false, values: { c: 1 } })).toEqual(kept[0]);
    }));
});

describe('restarts', () => {
  const pairs = [{ host: 'cache', service: 'redis' }];
  const owes = [{ ...pairs[0]!, step: 'redis' }];

  test('are owed from the intent on, over runs and host names, until one is paid', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const one = intent(run, 'redis', 'cache', await begin(db, run));
      expect(await owedRestarts(db, run, pairs)).toEqual([]);
      await writeIntents(db, [one], owes);
      await writeIntents(db, [one], owes);
      await moveRun(db, run, 'succeeded');
      await releaseLeases(db, run);
      const other = await running(
        db,
        plan([phase('All', [['redis1']], [step('up', ['redis1'])])], { redis1: 'cache:22' }),
      );
      const owed = await owedRestarts(db, other, [{ host: 'redis1', service: 'redis' }]);
      expect(owed).toMatchObject([{ host: 'redis1', service: 'redis' }]);
      await payRestarts(db, other, owed);
      await payRestarts(db, other, owed);
      expect(await owedRestarts(db, run, pairs)).toEqual([]);
    }));

  test('are not owed for what was so already', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await writeIntents(db, [intent(run, 'redis', 'cache', await begin(db, run))], owes);
      await writeResults(db, [result(run, 'redis', 'cache', { ending: 'ok' })]);
      expect(await owedRestarts(db, run, pairs)).toEqual([]);
    }));

  test.each(['done', 'partial', 'unknown'] as const)('stay owed for what ended as %s', async (ending) =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await writeIntents(db, [intent(run, 'redis', 'cache', await begin(db, run))], owes);
      await writeResults(db, [result(run, 'redis', 'cache', { ending })]);
      expect(await owedRestarts(db, run, pairs)).toHaveLength(1);
    }),
  );

  test('that became owed after the restart began stay owed', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await writeIntents(db, [intent(run, 'redis', 'cache', await begin(db, run))], owes);
      const seen = await owedRestarts(db, run, pairs);
      await writeIntents(db, [intent(run, 'redis', 'cache', await begin(db, run, 2), { attempt: 2 })], owes);
      await payRestarts(db, run, seen);
      expect(await owedRestarts(db, run, pairs)).toHaveLength(1);
    }));
});

describe('a pre-image', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

  test('is written with its intent, and never replaced once something may have happened', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const one = intent(run, 'redis', 'cache', await begin(db, run));
      expect(await keepPreImage(db, one, bytes('before'))).toEqual(bytes('before'));
      expect(await keepPreImage(db, one, bytes('half done'))).toEqual(bytes('before'));
      await writeResults(db, [result(run, 'redis', 'cache', { ending: 'unknown' })]);
      const two = { ...one, attempt: 2, holder: await begin(db, run, 2) };
      expect(await keepPreImage(db, two, bytes('half done'))).toEqual(bytes('before'));
      expect(await readPreImage(db, one)).toEqual(bytes('before'));
      expect(await readIntents(db, run, 'redis')).toHaveLength(2);
    }));

  test('of attempts that surely changed nothing gives way to what is there now', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const one = intent(run, 'redis', 'cache', await begin(db, run));
      await keepPreImage(db, one, bytes('before'));
      await writeResults(db, [result(run, 'redis', 'cache', { ending: 'refused' })]);
      const two = { ...one, attempt: 2, holder: await begin(db, run, 2) };
      expect(await keepPreImage(db, two, bytes('changed by others'))).toEqual(bytes('changed by others'));
    }));

  test('is not kept where the intent is refused', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const one = intent(run, 'redis', 'cache', await begin(db, run));
      await moveRun(db, run, 'failed');
      await expect(keepPreImage(db, one, bytes('before'))).rejects.toThrow(NotAuthorised);
      expect(await readPreImage(db, one)).toBeUndefined();
    }));
});
