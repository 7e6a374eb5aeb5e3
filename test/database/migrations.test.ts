import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDatabase, databaseReachable, meansDatabaseAway, migrate, openDatabase } from '../../database/connect.js';
import { row, transaction } from '../../database/query.js';
import { migrations } from '../../migrations/migrations.js';
import { startPostgres, type TestPostgres } from './postgres.js';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(async () => postgres.stop());

describe('migrations', () => {
  test('several processes may bring the tables up to date at once', async () => {
    const url = await postgres.freshDatabase();
    const open = await Promise.all([1, 2, 3].map(async () => openDatabase(url)));
    await Promise.all(open.map(async (db) => migrate(db)));
    await Promise.all(open.map(async (db) => migrate(db)));
    const applied: { name: string }[] = await open[0]!.query('select name from migrations');
    expect(applied).toHaveLength(migrations.length);
    await Promise.all(open.map(closeDatabase));
  });

  test('a Belay that is running goes on when another one changes a table', async () => {
    const db = await openDatabase(await postgres.freshDatabase());
    await db.query('create table books (id integer)');
    await db.query('insert into books values (1)');
    const book = 'select * from books where id = $1';
    const ways = {
      alone: async () => row(db, book, [1]),
      'within a transaction': async () => transaction(db, async (manager) => row(manager, book, [1])),
    };
    for (const [way, ask] of Object.entries(ways)) {
      expect(await ask()).toMatchObject({ id: 1 });
      await db.query(`alter table books add "${way}" text`);
      expect(await ask()).toMatchObject({ id: 1, [way]: null });
    }
    await closeDatabase(db);
  });

  test('the tables they make are the tables that the code describes', async () => {
    const db = await openDatabase(await postgres.freshDatabase());
    await migrate(db);
    const differences = await db.driver.createSchemaBuilder().log();
    expect(differences.upQueries.map((query) => query.query)).toEqual([]);
    await closeDatabase(db);
  });

  test('are numbered without gaps and, once released, never edited', async () => {
    expect(migrations.map((one) => one.number)).toEqual(migrations.map((_, index) => index + 1));
    const file = new URL('../cases/database/migrations.json', import.meta.url);
    const released = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    const present = Object.fromEntries(
      migrations.map((one) => [one.name, createHash('sha256').update(one.up).digest('hex')]),
    );
    if (process.env['BELAY_WRITE_CASES']) await writeFile(file, `${JSON.stringify(present, null, 2)}\n`);
    expect(present).toEqual(released);
  });

  test('a database that does not keep text as UTF-8 is refused', async () => {
    const db = await openDatabase(postgres.url);
    await db.query(`create database latin encoding 'LATIN1' template template0`);
    const latin = await openDatabase(postgres.url.replace(/[^/]+$/, 'latin'));
    await expect(migrate(latin)).rejects.toThrow('keeps text as LATIN1');
    await closeDatabase(latin);
    await closeDatabase(db);
  });
});

describe('the connection', () => {
  test('a wrong password is said at once, not waited for', async () => {
    const began = Date.now();
    await expect(openDatabase(postgres.url.replace('password', 'wrong'), 50)).rejects.toThrow(/password/);
    expect(Date.now() - began).toBeLessThan(40_000);
  });

  test('a server that is away is waited for, within a bound, and known to be away', async () => {
    const refused = await openDatabase('postgres://nobody:x@127.0.0.1:1/none', 0).catch((error: unknown) => error);
    expect(meansDatabaseAway(refused)).toBe(true);
    expect(meansDatabaseAway(new Error('something else'))).toBe(false);
  });

  test('its commits wait for the disk, whatever the server would do by itself', async () => {
    const db = await openDatabase(postgres.url);
    await db.query(`alter database ${new URL(postgres.url).pathname.slice(1)} set synchronous_commit = off`);
    const again = await openDatabase(postgres.url);
    expect(await again.query('show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    await Promise.all([closeDatabase(db), closeDatabase(again)]);
  });

  test('tells whether the server answers, and goes on once it is back', async () => {
    const db = await openDatabase(postgres.url);
    expect(await databaseReachable(db)).toBe(true);
    await postgres.stopImmediately();
    expect(await databaseReachable(db)).toBe(false);
    const waiting = openDatabase(postgres.url, 30);
    await postgres.start();
    await closeDatabase(await waiting);
    expect(await databaseReachable(db)).toBe(true);
    await closeDatabase(db);
  }, 60_000);
});
