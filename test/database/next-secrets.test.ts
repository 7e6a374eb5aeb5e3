import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../../database/connect.js';
import {
  abandonNextSecret,
  giveBackSecret,
  promoteSecret,
  readPromotion,
  storeNextSecret,
  takeNextSecret,
} from '../../database/next-secrets.js';
import { NextSecretWaits, NoNextSecret } from '../../database/refusals.js';
import { listSecrets, readRunSecret, readSealed, secretVersion, storeSecret } from '../../database/secrets.js';
import { running, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

const [first, second, third] = [1, 2, 3].map((n) => new Uint8Array([n])) as [Uint8Array, Uint8Array, Uint8Array];
const after1 = { stored: 'redis', after: 1 };

/** A secret with one version, and a run that has taken its next value. */
async function taken(db: Database): Promise<string> {
  await storeSecret(db, 'redis', first, 'ada');
  const run = await running(db);
  await takeNextSecret(db, run, 'new_redis', after1, second);
  return run;
}

const stateOf = async (db: Database): Promise<unknown> => {
  const [{ version, next } = { version: 0 }] = await listSecrets(db);
  return { version, next };
};

describe('the next value of a secret', () => {
  test('is stored beside the current one, which plans take until it is promoted', async () =>
    withDatabase(postgres, async (db) => {
      await storeSecret(db, 'redis', first, 'ada');
      expect(await storeNextSecret(db, 'redis', second, 'ada')).toBe(2);
      expect(await secretVersion(db, 'redis')).toBe(1);
      expect(await listSecrets(db)).toMatchObject([{ name: 'redis', version: 1, next: 2, by: 'ada' }]);
    }));

  test('follows something, and is one at a time', async () =>
    withDatabase(postgres, async (db) => {
      await expect(storeNextSecret(db, 'redis', second, 'ada')).rejects.toThrow(NoNextSecret);
      await storeSecret(db, 'redis', first, 'ada');
      await storeNextSecret(db, 'redis', second, 'ada');
      await expect(storeNextSecret(db, 'redis', third, 'ada')).rejects.toThrow(NextSecretWaits);
    }));

  test('is not passed over: while it waits, no other value becomes current', async () =>
    withDatabase(postgres, async (db) => {
      await taken(db);
      await expect(storeSecret(db, 'redis', third, 'ada')).rejects.toThrow(
        'version 2 of redis waits to become the current one, and servers may have it',
      );
      expect(await abandonNextSecret(db, 'redis', 'ada')).toBe(2);
      expect(await storeSecret(db, 'redis', third, 'ada')).toBe(3);
      await expect(abandonNextSecret(db, 'redis', 'ada')).rejects.toThrow('redis has no next value');
    }));

  test('is stored before a run has it, and is the same for every run until it is current', async () =>
    withDatabase(postgres, async (db) => {
      const runs = [await taken(db), await running(db), await running(db)];
      await Promise.all(runs.map(async (run) => takeNextSecret(db, run, 'new_redis', after1, third)));
      for (const run of runs) expect(await readRunSecret(db, run, 'new_redis')).toEqual(second);
      expect(await readSealed(db, 'redis', 2)).toEqual(second);
      expect(await readSealed(db, 'redis', 3)).toBeUndefined();
    }));

  test('is the one that somebody stored beforehand', async () =>
    withDatabase(postgres, async (db) => {
      await storeSecret(db, 'redis', first, 'ada');
      await storeNextSecret(db, 'redis', third, 'ada');
      const run = await running(db);
      await takeNextSecret(db, run, 'new_redis', after1, second);
      expect(await readRunSecret(db, run, 'new_redis')).toEqual(third);
    }));

  test('is not taken by a plan that knows another current value', async () =>
    withDatabase(postgres, async (db) => {
      await storeSecret(db, 'redis', first, 'ada');
      await storeSecret(db, 'redis', second, 'ada');
      const run = await running(db);
      await takeNextSecret(db, run, 'new_redis', after1, third);
      expect(await readRunSecret(db, run, 'new_redis')).toBeUndefined();
      expect(await stateOf(db)).toEqual({ version: 2, next: undefined });
    }));

  test('stays with the run when it is given up, so that what a server has is not lost', async () =>
    withDatabase(postgres, async (db) => {
      const run = await taken(db);
      await abandonNextSecret(db, 'redis', 'ada');
      expect(await readRunSecret(db, run, 'new_redis')).toEqual(second);
      expect(await readSealed(db, 'redis', 2)).toEqual(second);
      await promoteSecret(db, run, 'new_redis', after1);
      expect(await stateOf(db)).toEqual({ version: 1, next: undefined });
    }));
});

describe('promoting it', () => {
  test('makes it current for plans from then on, once, and says by which run', async () =>
    withDatabase(postgres, async (db) => {
      const run = await taken(db);
      await Promise.all([1, 2, 3].map(async () => promoteSecret(db, run, 'new_redis', after1)));
      expect(await readPromotion(db, run, 'new_redis', 'redis')).toEqual({ version: 2, run, taken: 2 });
      expect(await secretVersion(db, 'redis')).toBe(2);
      expect(await readSealed(db, 'redis', 1)).toEqual(first);
    }));

  test('goes back to the former value, and what servers had waits again', async () =>
    withDatabase(postgres, async (db) => {
      const run = await taken(db);
      await promoteSecret(db, run, 'new_redis', after1);
      await giveBackSecret(db, run, 'new_redis', after1);
      await giveBackSecret(db, run, 'new_redis', after1);
      expect(await stateOf(db)).toEqual({ version: 1, next: 2 });
    }));

  test('of one run after another goes back by the later one first, each to the value that it found', async () =>
    withDatabase(postgres, async (db) => {
      const run = await taken(db);
      await promoteSecret(db, run, 'new_redis', after1);
      const later = await running(db);
      const after2 = { stored: 'redis', after: 2 };
      await takeNextSecret(db, later, 'new_redis', after2, third);
      await promoteSecret(db, later, 'new_redis', after2);
      await giveBackSecret(db, run, 'new_redis', after1);
      expect(await stateOf(db)).toEqual({ version: 3, next: undefined });
      await giveBackSecret(db, later, 'new_redis', after2);
      expect(await stateOf(db)).toEqual({ version: 2, next: 3 });
      await giveBackSecret(db, run, 'new_redis', after1);
      expect(await stateOf(db)).toEqual({ version: 1, next: 3 });
    }));

  test('goes back from nothing that somebody else made current', async () =>
    withDatabase(postgres, async (db) => {
      const run = await taken(db);
      await promoteSecret(db, run, 'new_redis', after1);
      await storeSecret(db, 'redis', third, 'ada');
      await giveBackSecret(db, run, 'new_redis', after1);
      expect(await stateOf(db)).toEqual({ version: 3, next: undefined });
      expect(await readPromotion(db, run, 'new_redis', 'redis')).toEqual({ version: 3, taken: 2 });
    }));

  test('by one run goes back by that run alone', async () =>
    withDatabase(postgres, async (db) => {
      const run = await taken(db);
      const other = await running(db);
      await takeNextSecret(db, other, 'new_redis', after1, third);
      await promoteSecret(db, run, 'new_redis', after1);
      await giveBackSecret(db, other, 'new_redis', after1);
      expect(await stateOf(db)).toEqual({ version: 2, next: undefined });
    }));
});

test('secrets that were stored before there were next values are current in their newest version', async () => {
  const { openDatabase, closeDatabase, migrate } = await import('../../database/connect.js');
  const db = await openDatabase(await postgres.freshDatabase());
  try {
    await migrate(db);
    await db.query('truncate secret_heads');
    await db.query(
      `insert into secrets (name, version, sealed, stored_by) values ('a', 1, 'x', 'ada'), ('a', 2, 'y', 'ada')`,
    );
    const { secretHeads } = await import('../../migrations/0016-secret-heads.js');
    const [insert = ''] = /insert into secret_heads[^;]*/.exec(secretHeads.up) ?? [];
    await db.query(insert);
    expect(await secretVersion(db, 'a')).toBe(2);
  } finally {
    await closeDatabase(db);
  }
});
