import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../database/connect.js';
import { beginLivePlan, closeLivePlan, judgeLivePlan, keepLooks } from '../../database/live-plans.js';
import { readOutline } from '../../database/outlines.js';
import { storePlan } from '../../database/plans.js';
import { startRun } from '../../database/start-run.js';
import type { Look } from '../../model/live/look.js';
import { gated, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const run = 'looks-first';
const seen: readonly Look[] = [
  { step: 'redis', host: 'cache', state: 'would_change', diff: '+port 6379' },
  { step: 'stunnel', host: 'node1', state: 'already_so' },
];

async function looked(db: Database, live: string, looks: readonly Look[]): Promise<string> {
  await beginLivePlan(db, live, 'hash', 'ada');
  await keepLooks(db, live, looks);
  return closeLivePlan(db, live);
}

/** A run that demands what was seen, and what is otherwise than that when it looks itself. */
async function judged(db: Database, now: readonly Look[]): Promise<string | undefined> {
  await storePlan(db, gated, 'hash');
  const livePlan = await looked(db, 'approved', seen);
  await startRun(db, { run, planHash: 'hash', by: 'ada', idempotencyKey: run, requestDigest: 'd', livePlan });
  expect(await readOutline(db, run)).toMatchObject({ looksFirst: true });
  await looked(db, `live-${run}`, now);
  const otherwise = await judgeLivePlan(db, run, `live-${run}`);
  expect(await readOutline(db, run)).not.toHaveProperty('looksFirst');
  return otherwise;
}

describe('a run that demands a live plan looks first, once,', () => {
  test('and nothing is otherwise where it sees the same', async () =>
    withDatabase(postgres, async (db) => expect(await judged(db, seen.toReversed())).toBeUndefined()));

  test('and is told what is otherwise', async () =>
    withDatabase(postgres, async (db) => {
      const now = seen.map((look) => ({ ...look, ...(look.step === 'redis' ? { diff: '+port 6380' } : {}) }));
      expect(await judged(db, now)).toBe('redis on cache would change something else');
    }));

  test('and is told of what it does not see any more', async () =>
    withDatabase(postgres, async (db) => {
      expect(await judged(db, seen.slice(0, 1))).toBe('stunnel on node1 was already so and is not looked at now');
    }));
});
