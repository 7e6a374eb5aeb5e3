import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createSqlActivities } from '../../activities/sql/activities.js';
import type { SqlOperation } from '../../model/operation.js';
import type { KeptTransaction, Result } from '../../model/record.js';
import { impossible } from '../ssh/nasty-values.js';
import { recordsOf } from '../steps/away-world.js';
import { compileStep } from '../steps/cases.js';
import { nastyTexts, unlessRefused } from '../steps/leaves.js';
import { login, startSqlServer, type SqlServer } from './server.js';

const values = [...nastyTexts('/canary'), ...Object.values(impossible).filter((value) => value.length < 3000)];
// Hundreds of transactions, each on connections of its own, take a busy machine of two cores a minute.
vi.setConfig({ testTimeout: 300_000 });

let server: SqlServer;
beforeAll(async () => {
  server = await startSqlServer();
});
afterAll(async () => server.close());
beforeEach(async () => void (await server.sql('truncate things, parts')));

const things = async (): Promise<unknown[][]> => server.sql('select name from things');

/** Puts a value in, reads it back, and takes it out again; the value stands wherever one may. */
const written = (value: string): object => ({
  check: { query: 'select count(*) = 1 from things where name = $1', parameters: [value] },
  statements: [
    { run: 'insert into things values ($1, 1)', parameters: [value], expect: { affected: 1 } },
    { run: 'select name from things', expect: { rows: [[value]] } },
  ],
  undo: [{ run: 'delete from things where name = $1', parameters: [value], expect: { affected: 1 } }],
});

test('nasty values are refused, or arrive as they are, as parameters and in what is expected', async () => {
  let done = 0;
  for (const value of values) {
    const world = worldOf(written(value));
    const result = await world?.run();
    const said = `${JSON.stringify(value)}: ${JSON.stringify(result)}`;
    if (result?.ending === 'done') expect(await things(), said).toEqual([[((done += 1), value)]]);
    else expect([result?.ending ?? 'refused', await things()], said).toEqual(['refused', []]);
    await world?.undo();
    expect(await things(), said).toEqual([]);
  }
  expect(done).toBeGreaterThan(40);
});

test.each<[string, (value: string) => object]>([
  ['the name of a database', (database) => ({ database })],
  ['the name of a user', (user) => ({ login: { user, password: login.password } })],
  ['a password', (password) => ({ login: { ...login, password } })],
])('nasty values are nothing but %s', async (_, keys) => {
  for (const value of values) {
    const result = await worldOf({ ...written('calm'), ...keys(value) })?.run();
    const said = `${JSON.stringify(value)}: ${JSON.stringify(result)}`;
    // A server that asks for no password takes any.
    const there = result?.ending === 'done' ? [['calm']] : [];
    expect(await things(), said).toEqual(there);
    expect(result?.ending ?? 'refused', said).toMatch(/^(done|refused|unreachable)$/);
    await server.sql('truncate things, parts');
  }
});

interface World {
  run(): Promise<Result | undefined>;
  undo(): Promise<void>;
}

/** Undefined where it is refused before there is a plan. */
function worldOf(keys: object): World | undefined {
  const operation = compiled(keys);
  if (!operation) return undefined;
  const records = recordsOf(operation, {}, { repeatable: false, seconds: 20 });
  const kept: KeptTransaction[] = [];
  const activities = createSqlActivities({
    ...records.needs,
    way: async () => server.way(),
    keepTransaction: async ({ part, undo, attempt, ...intent }, transaction) => {
      if (part === 'do') records.announce({ part, undo, attempt, ...intent });
      kept.push({ ...transaction, part, undo, attempt });
    },
    readTransactions: async () => kept,
    limits: { connect: 20_000, grace: 200, outcome: 20_000 },
  });
  const where = { run: 'r1', phase: 0, wave: 0, step: 'thing' };
  return {
    run: async () => {
      await activities.runSqlStep({ ...where, hosts: [{ host: 'web', attempt: 1 }] });
      return records.results[0];
    },
    undo: async () => void (await activities.undoSqlStep({ ...where, undo: 1, hosts: ['web'] })),
  };
}

function compiled(keys: object): SqlOperation | undefined {
  const where = { server: { address: '127.0.0.1', port: server.port }, tls: 'none', database: server.database, login };
  return unlessRefused(() => compileStep({ sql: { ...where, ...keys } })) as SqlOperation | undefined;
}
