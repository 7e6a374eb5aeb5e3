import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAudit } from '../../database/audit.js';
import type { Database } from '../../database/connect.js';
import { readEvents } from '../../database/events.js';
import { askApproval, openGate, readGate } from '../../database/gates.js';
import { IdempotencyConflict, UnknownGate, UnknownRun, UnknownVerb, VerbIncomplete } from '../../database/refusals.js';
import { commitVerb, markDelivered, readVerb, settleVerb, unsettledVerbs, waitVerb } from '../../database/verbs.js';
import type { VerbArguments } from '../../model/record.js';
import { approve, running, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

async function asked(db: Database): Promise<string> {
  const run = await running(db);
  await askApproval(db, run, 1);
  return run;
}

describe('a gate', () => {
  test('opens for enough votes, and only when it is opened', async () =>
    withDatabase(postgres, async (db) => {
      const run = await asked(db);
      expect(await openGate(db, run, 1)).toEqual({ asked: true, open: false, votes: 0, wanted: 2 });
      await approve(db, run, 1, 'ada');
      await approve(db, run, 1, 'grace');
      expect(await readGate(db, run, 1)).toMatchObject({ open: false, votes: 2 });
      expect(await openGate(db, run, 1)).toMatchObject({ open: true, votes: 2 });
      expect(await readGate(db, run, 1)).toMatchObject({ open: true });
      await openGate(db, run, 1);
      expect((await readEvents(db, run, 0, 100)).filter((event) => event.kind === 'gate-opened')).toHaveLength(1);
    }));

  test('counts persons, not votes', async () =>
    withDatabase(postgres, async (db) => {
      const run = await asked(db);
      for (let times = 0; times < 3; times++) await approve(db, run, 1, 'ada');
      expect(await openGate(db, run, 1)).toMatchObject({ open: false, votes: 1 });
    }));

  test('does not open for votes on another plan', async () =>
    withDatabase(postgres, async (db) => {
      const run = await asked(db);
      await approve(db, run, 1, 'ada', 'another plan');
      await approve(db, run, 1, 'grace');
      expect(await openGate(db, run, 1)).toMatchObject({ open: false, votes: 1 });
    }));

  test('does not open before it is asked, nor for a vote that was refused', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await approve(db, run, 1, 'ada');
      await approve(db, run, 1, 'grace');
      expect(await openGate(db, run, 1)).toMatchObject({ asked: false, open: false, votes: 2 });
      await askApproval(db, run, 1);
      const [vote] = await unsettledVerbs(db, { untold: 0, told: 60_000 });
      await settleVerb(db, vote!.id, { accepted: false, because: 'the run waits for nothing' });
      expect(await openGate(db, run, 1)).toMatchObject({ open: false, votes: 1 });
    }));

  test('does not open for votes after its deadline', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await approve(db, run, 1, 'ada');
      await askApproval(db, run, 1, -1);
      await approve(db, run, 1, 'grace');
      expect(await openGate(db, run, 1)).toMatchObject({ open: false, votes: 0 });
    }));

  test('stays closed once somebody has rejected it, with or without a plan in hand', async () =>
    withDatabase(postgres, async (db) => {
      const run = await asked(db);
      await approve(db, run, 1, 'ada');
      await approve(db, run, 1, 'grace');
      const reject = {
        id: 'r',
        run,
        verb: 'reject',
        arguments: { phase: 1, reason: 'not today' },
        by: 'kurt',
      } as const;
      await commitVerb(db, reject);
      expect(await openGate(db, run, 1)).toMatchObject({ open: false, rejected: { by: 'kurt', reason: 'not today' } });
    }));

  test('that is asked for twice keeps its first deadline', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await askApproval(db, run, 1, 1000);
      const { deadline } = await readGate(db, run, 1);
      await db.query("update gates set deadline = deadline - interval '900 seconds' where run = $1", [run]);
      await askApproval(db, run, 1, 1000);
      const { asked, deadline: now, left } = await readGate(db, run, 1);
      expect({ asked, now }).toEqual({ asked: true, now: new Date(Date.parse(deadline!) - 900_000).toISOString() });
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(100);
      expect((await readEvents(db, run, 0, 100)).filter((event) => event.kind === 'approval-asked')).toHaveLength(1);
    }));

  test('opened by many at once is opened once', async () =>
    withDatabase(postgres, async (db) => {
      const run = await asked(db);
      await approve(db, run, 1, 'ada');
      await approve(db, run, 1, 'grace');
      await Promise.all(Array.from({ length: 8 }, async () => openGate(db, run, 1)));
      expect((await readAudit(db, run, 0, 100)).filter((entry) => entry.kind === 'gate-opened')).toHaveLength(1);
    }));

  test('is only where the plan asks for an approval', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      for (const use of [readGate, openGate, askApproval]) await expect(use(db, run, 0)).rejects.toThrow(UnknownGate);
      await expect(approve(db, run, 0, 'ada')).rejects.toThrow(UnknownGate);
      expect(await unsettledVerbs(db, { untold: 0, told: 60_000 })).toEqual([]);
    }));
});

describe('a verb', () => {
  const pause = (run: string, more: object = {}) => ({
    id: 'v1',
    run,
    verb: 'pause' as const,
    arguments: {} as VerbArguments,
    by: 'ada',
    ...more,
  });

  test('is written with its audit before anybody is told, and settled once', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await commitVerb(db, pause(run));
      expect((await unsettledVerbs(db, { untold: 0, told: 60_000 })).map(({ id }) => id)).toEqual(['v1']);
      expect(await unsettledVerbs(db, { untold: 60_000, told: 0 })).toEqual([]);
      await markDelivered(db, 'v1');
      expect(await unsettledVerbs(db, { untold: 0, told: 60_000 })).toEqual([]);
      const outcomes = await Promise.all([
        settleVerb(db, 'v1', { accepted: true, because: 'pausing' }),
        settleVerb(db, 'v1', { accepted: false, because: 'too late' }),
      ]);
      expect(outcomes[0]).toEqual(outcomes[1]);
      expect((await readVerb(db, 'v1')).outcome).toEqual(outcomes[0]);
      expect((await readAudit(db, run, 0, 100)).map((entry) => entry.kind)).toEqual([
        'run-started',
        'run-moved',
        'verb-said',
        'verb-settled',
      ]);
    }));

  test('said twice with one key is one verb; for something else the key is refused', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      const said = await Promise.all(
        ['a', 'b', 'c'].map(async (id) => commitVerb(db, pause(run, { id, idempotencyKey: 'k' }))),
      );
      expect(new Set(said.map(({ id }) => id)).size).toBe(1);
      expect(await unsettledVerbs(db, { untold: 0, told: 60_000 })).toHaveLength(1);
      const others = [{ verb: 'resume' }, { by: 'grace' }, { arguments: { reason: 'x' } }];
      for (const other of others)
        await expect(commitVerb(db, pause(run, { id: 'd', idempotencyKey: 'k', ...other }))).rejects.toThrow(
          IdempotencyConflict,
        );
      await expect(commitVerb(db, pause(run, { id: said[0]!.id, verb: 'resume' }))).rejects.toThrow(
        IdempotencyConflict,
      );
    }));

  test('for no known run, or a vote without phase or plan, is refused and not written', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await expect(commitVerb(db, pause('nobody'))).rejects.toThrow(UnknownRun);
      for (const incomplete of [{ planHash: 'p' }, { phase: 1 }])
        await expect(commitVerb(db, pause(run, { verb: 'approve', arguments: incomplete }))).rejects.toThrow(
          VerbIncomplete,
        );
      await expect(readVerb(db, 'v1')).rejects.toThrow(UnknownVerb);
    }));

  test('is waited for until it is settled, and no longer than asked', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await commitVerb(db, pause(run));
      expect(await waitVerb(db, 'v1', 30)).toBeUndefined();
      const waiting = waitVerb(db, 'v1', 10_000);
      await settleVerb(db, 'v1', { accepted: true, because: 'pausing' });
      expect(await waiting).toEqual({ accepted: true, because: 'pausing' });
    }));
});
