import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  keepRunSecret,
  listSecrets,
  readRunSecret,
  readSealed,
  secretVersion,
  storeSecret,
} from '../../database/secrets.js';
import { running, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

describe('secrets', () => {
  test('are kept in versions without gaps; old ones stay', async () =>
    withDatabase(postgres, async (db) => {
      const versions = await Promise.all(
        [1, 2, 3, 4, 5].map(async (n) => storeSecret(db, 'ca', new Uint8Array([n, 0, 255]), 'ada')),
      );
      expect([...versions].sort()).toEqual([1, 2, 3, 4, 5]);
      expect(await secretVersion(db, 'ca')).toBe(5);
      for (const [index, version] of versions.entries())
        expect(await readSealed(db, 'ca', version)).toEqual(new Uint8Array([index + 1, 0, 255]));
      expect(await readSealed(db, 'ca', 6)).toBeUndefined();
      expect(await secretVersion(db, 'none')).toBeUndefined();
    }));

  test('are listed by name with the current version, without their values', async () =>
    withDatabase(postgres, async (db) => {
      for (const [name, by] of [
        ['b', 'ada'],
        ['a', 'ada'],
        ['b', 'grace'],
      ] as const)
        await storeSecret(db, name, new Uint8Array([1]), by);
      expect(await listSecrets(db)).toEqual([
        { name: 'a', version: 1, by: 'ada', at: expect.stringMatching(/Z$/) as string },
        { name: 'b', version: 2, by: 'grace', at: expect.stringMatching(/Z$/) as string },
      ]);
    }));

  test('that a run makes are kept once, whoever comes first', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      expect(await readRunSecret(db, run, 'ca')).toBeUndefined();
      const kept = await Promise.all([1, 2, 3].map(async (n) => keepRunSecret(db, run, 'ca', new Uint8Array([n]))));
      expect(kept[0]).toEqual(kept[1]);
      expect(kept[1]).toEqual(kept[2]);
      expect(await readRunSecret(db, run, 'ca')).toEqual(kept[0]);
    }));
});
