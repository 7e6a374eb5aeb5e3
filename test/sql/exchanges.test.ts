import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAuthority } from '../../activities/certificates/authority.js';
import { createSqlActivities, type SqlActivities } from '../../activities/sql/activities.js';
import type { SqlNeeds } from '../../activities/sql/needs.js';
import { Failed } from '../../model/failure.js';
import type { SqlOperation } from '../../model/operation.js';
import type { Intent, KeptTransaction } from '../../model/record.js';
import { recordsOf, type Records } from '../steps/away-world.js';
import { compileStep, readCases } from '../steps/cases.js';
import { login, startSqlServer, type Fault, type SqlServer } from './server.js';

type Rows = readonly (readonly unknown[])[];

/** One step on a real server, told as data. */
interface Exchange {
  readonly it: string;
  readonly there?: Rows;
  /** Laid over a step that reaches the server. */
  readonly step: object;
  /** Somebody else keeps the table locked. */
  readonly locked?: true;
  readonly fault?: Fault;
  readonly undoFault?: Fault;
  /** The worker dies once it has announced its transaction, before or after COMMIT. */
  readonly dies?: 'before' | 'after';
  readonly undoDies?: 'before' | 'after';
  /** By the time it is asked, another timeline of the server answers: a replica has been promoted. */
  readonly otherwise?: true;
  readonly attempt?: number;
  readonly seconds?: number;
  /** The server speaks no TLS. */
  readonly plain?: true;
  readonly ends: string;
  readonly because?: string;
  readonly says?: string;
  readonly leaves?: Rows;
  readonly meanwhile?: string;
  readonly undo?: string;
  readonly back?: Rows;
}

const secrets = { token: 'a-Secret/Token+7', login: login.password };
let server: SqlServer;
let stranger: string;
beforeAll(async () => {
  server = await startSqlServer();
  stranger = (await createAuthority('A stranger', new Date())).certificate;
});
afterAll(async () => server.close());
beforeEach(async () => void (await server.sql('truncate things, parts')));

class Died extends Error {}

interface World extends Records<SqlOperation> {
  readonly activities: SqlActivities;
  readonly own: SqlNeeds;
  readonly kept: KeptTransaction[];
  fault: Fault | undefined;
}

function worldOf({ step, seconds = 20, otherwise }: Pick<Exchange, 'step' | 'seconds' | 'otherwise'>): World {
  const text = JSON.stringify({
    server: { address: '127.0.0.1', port: server.port },
    tls: 'none',
    database: server.database,
    login: { user: login.user, password: '${{ secret.login }}' },
    ...step,
  });
  const filled = text
    .replaceAll('"AUTHORITY"', JSON.stringify(server.certificate.authority))
    .replaceAll('"STRANGER"', JSON.stringify(stranger));
  const operation = compileStep({ sql: JSON.parse(filled) as object });
  if (operation.on !== 'sql') throw new Error('of another place');
  const records = recordsOf(operation, secrets, { repeatable: false, seconds });
  const kept: KeptTransaction[] = [];
  const own: SqlNeeds = {
    ...records.needs,
    way: async (_task, to) => {
      if ('port' in to && to.port === 1)
        throw new Failed({ kind: 'sql/unreachable', tried: '', known: 'nothing listens', next: '' });
      return server.way(() => world.fault);
    },
    keepTransaction: async (intent: Intent, { cluster, id }) => {
      if (intent.part === 'do') records.announce(intent);
      kept.push({
        cluster: otherwise ? `${cluster}9` : cluster,
        id,
        part: intent.part,
        undo: intent.undo,
        attempt: intent.attempt,
      });
    },
    readTransactions: async () => kept,
    limits: { connect: 20_000, grace: 200, outcome: 20_000 },
  };
  const world: World = { ...records, own, kept, fault: undefined, activities: createSqlActivities(own) };
  return world;
}

/** The worker of this world dies around its next COMMIT, with nothing written of how it came out. */
function dying(world: World, when: 'before' | 'after'): SqlActivities {
  return createSqlActivities({
    ...world.own,
    keepTransaction: async (intent, transaction) => {
      await world.own.keepTransaction(intent, transaction);
      if (when === 'before') throw new Died();
    },
    writeResults: () => Promise.reject(new Died()),
    writeUndoResults: () => Promise.reject(new Died()),
  });
}

async function run({ activities }: Pick<World, 'activities'>, attempt = 1): Promise<void> {
  await activities.runSqlStep({ run: 'r1', phase: 0, wave: 0, step: 'thing', hosts: [{ host: 'web', attempt }] });
}

async function goBack({ activities }: Pick<World, 'activities'>): Promise<void> {
  await activities.undoSqlStep({ run: 'r1', undo: 1, phase: 0, wave: 0, step: 'thing', hosts: ['web'] });
}

async function things(): Promise<unknown[][]> {
  return server.sql('select name, size from things order by name collate "C"');
}

for (const { cases } of readCases<Exchange>('exchanges').filter(({ kind }) => kind === 'sql'))
  describe('sql', () => {
    for (const one of cases) test(one.it, async () => exchange(one));
  });

async function exchange(one: Exchange): Promise<void> {
  const { there = [] } = one;
  for (const row of there) await server.sql('insert into things values ($1, $2)', [...row]);
  if (JSON.stringify(one.step).includes('"authority"')) await server.speakTls(one.plain !== true);
  const world = worldOf(one);
  world.fault = one.fault;
  if (one.dies) await expect(run({ activities: dying(world, one.dies) })).rejects.toThrow(Died);
  await (one.locked ? whileLocked(async () => run(world, one.attempt)) : run(world, one.attempt));
  const result = world.results.at(-1);
  expect(result?.ending, JSON.stringify(result)).toBe(one.ends);
  expect(result?.failure?.kind, JSON.stringify(result)).toBe(one.because);
  if (one.says !== undefined) expect(JSON.stringify(result)).toContain(one.says);
  expect(await things()).toEqual(one.leaves ?? there);
  if (one.undo !== undefined) await undone(world, one);
  for (const secret of Object.values(secrets))
    expect(JSON.stringify([world.results, world.undone, world.intents, world.kept])).not.toContain(secret);
}

async function undone(world: World, one: Exchange): Promise<void> {
  if (one.meanwhile !== undefined) await server.sql(one.meanwhile);
  world.fault = one.undoFault;
  if (one.undoDies) await expect(goBack({ activities: dying(world, one.undoDies) })).rejects.toThrow(Died);
  await goBack(world);
  expect(world.undone[0]?.outcome, JSON.stringify(world.undone)).toBe(one.undo);
  expect(await things()).toEqual(one.back ?? one.there ?? []);
}

/** Somebody holds a lock on the table before this begins, and until it has ended. */
async function whileLocked(work: () => Promise<void>): Promise<void> {
  const locking = 'do $$ begin lock table things; perform pg_sleep(600); end $$';
  const held = server.sql(locking).catch(() => undefined);
  await expect
    .poll(async () => server.sql(`select 1 from pg_locks where relation = 'things'::regclass and granted`))
    .toHaveLength(1);
  try {
    await work();
  } finally {
    await server.sql('select pg_cancel_backend(pid) from pg_stat_activity where query = $1', [locking]);
    await held;
  }
}

describe('a transaction', () => {
  const step = {
    statements: [{ run: "insert into things values ('a', 1)" }],
    undo: [{ run: "delete from things where name = 'a'", expect: { affected: 1 } }],
  };

  test('is not committed where somebody else has taken the host', async () => {
    const world = worldOf({ step });
    const { keepTransaction } = world.own;
    const activities = createSqlActivities({
      ...world.own,
      keepTransaction: async (intent, transaction) => {
        await keepTransaction(intent, transaction);
        world.takeHost();
      },
    });
    await expect(run({ activities })).rejects.toMatchObject({ failure: { kind: 'host/stale-holder' } });
    expect(await things()).toEqual([]);
  });

  test('is not begun where the run was cancelled before', async () => {
    const world = worldOf({ step });
    world.cancel.abort();
    await run(world);
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'step/cancelled' } });
    expect([world.kept, await things()]).toEqual([[], []]);
  });

  test('is given up some time after a cancel, and its statement ends on the server', async () => {
    const world = worldOf({ step: { statements: [...step.statements, { run: 'select pg_sleep(600)' }] } });
    const running = run(world);
    const sleeping = async (): Promise<unknown[][]> =>
      server.sql(`select 1 from pg_stat_activity where query = 'select pg_sleep(600)' and state = 'active'`);
    await expect.poll(sleeping).toHaveLength(1);
    world.cancel.abort();
    await running;
    expect(world.results[0]).toMatchObject({ ending: 'refused', failure: { kind: 'step/cancelled' } });
    await expect.poll(sleeping).toHaveLength(0);
    expect(await things()).toEqual([]);
  });

  test('is waited for while the server is still at it', async () => {
    const world = worldOf({ step });
    const other = await server.way();
    world.kept.push({ part: 'do', undo: 0, attempt: 1, ...(await openElsewhere()) });
    const running = run(world);
    await server.sql(`select pg_terminate_backend(pid) from pg_stat_activity where query = 'select 1 as elsewhere'`);
    await running;
    other.destroy();
    expect(world.results[0]).toMatchObject({ ending: 'done', summary: 'committed 1 statement' });
    expect(await things()).toEqual([['a', 1]]);
  });

  test('gives the result it had when the same attempt is asked for again', async () => {
    const world = worldOf({ step });
    await run(world);
    await run(world);
    expect([world.results.length, world.kept.length]).toEqual([1, 1]);
  });

  test('that was committed is taken back once, though it is asked for twice', async () => {
    const world = worldOf({ step });
    await run(world);
    await goBack(world);
    await goBack(world);
    expect(world.undone.map((one) => one.outcome)).toEqual(['undone', 'undone']);
  });
});

/** A transaction that stays open until its connection is ended. */
async function openElsewhere(): Promise<{ cluster: string; id: string }> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({
    connectionString: `postgres://${login.user}:${encodeURIComponent(login.password)}@127.0.0.1:${server.port}/${server.database}`,
  });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  const names = `select pg_current_xact_id()::text as id, system_identifier::text || '/' ||
    substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) as cluster from pg_control_system()`;
  const { rows } = await client.query<{ cluster: string; id: string }>(names);
  await client.query('select 1 as elsewhere');
  return rows[0]!;
}
