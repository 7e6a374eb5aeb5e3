import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readAudit, verifyAudit } from '../../database/audit.js';
import type { Database } from '../../database/connect.js';
import { moveRun } from '../../database/runs.js';
import { storeSecret } from '../../database/secrets.js';
import { running, withDatabase } from './example.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

/** A run with four entries, and three in the system's chain. */
async function trail(db: Database): Promise<string> {
  const run = await running(db);
  await moveRun(db, run, 'paused', {
    by: 'ada',
    because: 'lunch, \u20ac 1e21',
    n: 1e21,
    m: -0,
    deep: { b: [1.5], a: null },
  });
  await moveRun(db, run, 'running', { by: 'grace' });
  for (const name of ['a', 'b', 'c']) await storeSecret(db, name, new Uint8Array([1]), 'ada');
  return run;
}

/** As somebody would who has the rights of the database's owner. */
async function tamper(db: Database, ...statements: string[]): Promise<void> {
  await db.query('alter table audit disable trigger all');
  await db.query('alter table audit_heads disable trigger all');
  for (const statement of statements) await db.query(statement);
  await db.query('alter table audit enable trigger all');
  await db.query('alter table audit_heads enable trigger all');
}

describe('the audit trail', () => {
  test('names who did what, and holds', async () =>
    withDatabase(postgres, async (db) => {
      const run = await trail(db);
      const entries = await readAudit(db, run, 0, 100);
      expect(entries.map(({ sequence, kind, by }) => [sequence, kind, by])).toEqual([
        [1, 'run-started', 'ada'],
        [2, 'run-moved', 'belay'],
        [3, 'run-moved', 'ada'],
        [4, 'run-moved', 'grace'],
      ]);
      expect((await readAudit(db, 'system', 1, 1))[0]).toMatchObject({ sequence: 2, data: { name: 'b', version: 1 } });
      expect(await verifyAudit(db)).toEqual([]);
    }));

  test('only grows: no update, delete or truncate', async () =>
    withDatabase(postgres, async (db) => {
      await trail(db);
      for (const statement of [
        `update audit set actor = 'x'`,
        'delete from audit',
        'truncate audit',
        'delete from audit_heads',
        'truncate audit_heads',
      ])
        await expect(db.query(statement), statement).rejects.toThrow(/the audit trail only grows/);
    }));

  test.each([
    [
      'an entry that was changed',
      `update audit set actor = 'mallory' where chain <> 'system' and sequence = 3`,
      3,
      'changed',
    ],
    [
      'data that was changed',
      `update audit set data = data || '{"because": "tea"}' where chain <> 'system' and sequence = 3`,
      3,
      'changed',
    ],
    [
      'a time that was changed',
      `update audit set at = at + interval '1 second' where chain <> 'system' and sequence = 1`,
      1,
      'changed',
    ],
    ['an entry that was taken out', `delete from audit where chain <> 'system' and sequence = 2`, 2, 'missing'],
    ['an end that was cut off', `delete from audit where chain <> 'system' and sequence = 4`, 4, 'missing'],
    [
      'a chain that was taken out',
      `with gone as (delete from audit_heads where chain <> 'system') delete from audit where chain <> 'system'`,
      1,
      'missing',
    ],
    [
      'an entry that was put in',
      `insert into audit select chain, 5, at, kind, actor, data, hash, hash from audit where chain <> 'system' and sequence = 4`,
      5,
      'changed',
    ],
  ])('is found broken after %s', async (_what, statement, brokenAt, because) =>
    withDatabase(postgres, async (db) => {
      const run = await trail(db);
      await tamper(db, statement);
      expect(await verifyAudit(db)).toEqual([{ chain: run, brokenAt, because }]);
    }),
  );

  test('is found broken in the chain of the system alone', async () =>
    withDatabase(postgres, async (db) => {
      await trail(db);
      await tamper(db, `update audit set data = '{}' where chain = 'system' and sequence = 2`);
      expect(await verifyAudit(db)).toEqual([{ chain: 'system', brokenAt: 2, because: 'changed' }]);
    }));

  test('holds while many write to it', async () =>
    withDatabase(postgres, async (db) => {
      await Promise.all(
        Array.from({ length: 20 }, async (_, n) => storeSecret(db, `s${n % 3}`, new Uint8Array([n]), 'ada')),
      );
      expect((await readAudit(db, 'system', 0, 100)).map((entry) => entry.sequence)).toEqual(
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
      expect(await verifyAudit(db)).toEqual([]);
    }));

  test('an action whose entry cannot be written does not happen', async () =>
    withDatabase(postgres, async (db) => {
      const run = await running(db);
      await db.query('alter table audit add constraint broken check (false) not valid');
      await expect(moveRun(db, run, 'paused')).rejects.toThrow(/broken/);
      const [{ state }] = (await db.query('select state from runs where run = $1', [run])) as [{ state: string }];
      expect(state).toBe('running');
    }));
});
