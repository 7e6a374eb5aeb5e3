import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSqlActivities, type SqlActivities } from '../../activities/sql/activities.js';
import type { SqlNeeds } from '../../activities/sql/needs.js';
import { openWorkerKey, type WorkerKey } from '../../apps/worker/secrets/identity.js';
import { readSettings } from '../../apps/worker/settings.js';
import { databaseNeeds } from '../../apps/worker/wiring/databases.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { openRendering } from '../../apps/worker/wiring/rendering.js';
import type { Database } from '../../database/connect.js';
import { storeSecret } from '../../database/secrets.js';
import { readTasks } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import { finishUndo, readUndo } from '../../database/undo.js';
import type { Plan } from '../../model/plan.js';
import { phase, plan, running, step, withDatabase } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { startSshd, type Sshd } from '../ssh/sshd.js';
import { compileStep } from '../steps/cases.js';
import { login, startSqlServer, type SqlServer } from './server.js';

let postgres: TestPostgres;
let server: SqlServer;
let sshd: Sshd;
let folder: string;
let socket: Server;
let key: WorkerKey;
beforeAll(async () => {
  folder = mkdtempSync('/var/tmp/belay-sql-');
  [postgres, server, sshd] = await Promise.all([startPostgres(), startSqlServer(), startSshd()]);
  key = await openWorkerKey(folder);
  // The database as a unix socket, which other packages give it elsewhere.
  socket = createServer((client) => {
    const line = connect(server.port, '127.0.0.1');
    for (const one of [client, line]) one.on('error', () => undefined);
    client.pipe(line).pipe(client);
  });
  await new Promise<void>((resolve) => socket.listen(join(folder, 'sql'), resolve));
}, 60_000);
afterAll(async () => {
  socket.close();
  await Promise.all([postgres.stop(), server.close(), sshd.stop()]);
  rmSync(folder, { recursive: true });
});
beforeEach(async () => void (await server.sql('truncate things, parts')));

const addOne = {
  statements: [{ run: 'insert into things values ($1, 1)', parameters: ['${{ secret.word }}'] }],
  undo: [{ run: 'delete from things where size = 1', expect: { affected: 1 } }],
};

/** A run whose host is a real sshd, and whose step adds a row that nobody but the run knows. */
async function runOf(db: Database, change: object): Promise<{ run: string; needs: SqlNeeds }> {
  const version = await storeSecret(db, 'login', await key.seal(sshd.userKey), 'ada');
  await storeSecret(db, 'app', await key.seal(Buffer.from(login.password)), 'ada');
  const sql = {
    server: { address: '127.0.0.1', port: server.port },
    tls: 'none',
    database: server.database,
    login: { user: login.user, password: '${{ secret.app }}' },
    ...addOne,
    ...change,
  };
  const of = plan([
    phase('All', [['web']], [step('row', ['web'], { kind: 'sql', operations: [compileStep({ sql })] })]),
  ]);
  const { address, port, user, hostKeys } = sshd.destination();
  const planned: Plan = {
    ...of,
    hosts: { web: { ...of.hosts['web']!, address, port, user, hostKeys, key: { secret: 'login', version } } },
    secrets: { word: { generate: { length: 24 } }, app: { stored: 'app', version: 1 } },
  };
  const run = await running(db, planned);
  const plans = openPlans(db);
  const rendering = openRendering(db, plans, key);
  await rendering.secrets.prepareRunSecrets(run, planned);
  const settings = readSettings({ BELAY_DATA: folder, BELAY_DATABASE_URL: 'unused', BELAY_OUTCOME_SECONDS: '5' });
  return { run, needs: databaseNeeds(db, plans, rendering, key, settings) };
}

async function carryOut(activities: SqlActivities, run: string, attempt = 1): ReturnType<SqlActivities['runSqlStep']> {
  const request = { run, phase: 0, wave: 0, step: 'row', hosts: [{ host: 'web', attempt }] };
  return new MockActivityEnvironment().run(activities.runSqlStep, request);
}

async function goBack(activities: SqlActivities, run: string, undo: number): ReturnType<SqlActivities['undoSqlStep']> {
  const request = { run, undo, phase: 0, wave: 0, step: 'row', hosts: ['web'] };
  return new MockActivityEnvironment().run(activities.undoSqlStep, request);
}

const count = async (): Promise<unknown> => (await server.sql('select count(*)::int from things'))[0]?.[0];

test.each([
  ['a port', () => ({})],
  ['a unix socket', () => ({ server: { socket: join(folder, 'sql') } })],
  ['TLS', () => ({ tls: { authority: server.certificate.authority, name: 'localhost' } })],
])('a database is reached through its host, by %s, and what was done goes back', async (_, change) =>
  withDatabase(postgres, async (db) => {
    await server.speakTls(true);
    const { run, needs } = await runOf(db, change());
    const activities = createSqlActivities(needs);
    expect(await carryOut(activities, run)).toMatchObject([{ host: 'web', ending: 'done' }]);
    expect((await server.sql('select length(name), size from things'))[0]).toEqual([24, 1]);
    expect(await readTasks(db, run)).toMatchObject([{ step: 'row', state: 'changed', settled: true, ending: 'done' }]);
    const undo = await startUndo(db, run, 'ada');
    expect((await readUndo(db, run, undo)).barriers).toMatchObject([{ step: 'row', on: 'sql' }]);
    expect(await goBack(activities, run, undo)).toMatchObject([{ outcome: 'undone' }]);
    expect(await count()).toBe(0);
  }),
);

test('a worker that dies after COMMIT leaves it to the next one, which finds it committed', async () =>
  withDatabase(postgres, async (db) => {
    const { run, needs } = await runOf(db, {});
    const dying = createSqlActivities({
      ...needs,
      writeResults: () => Promise.reject(new Error('the worker is gone')),
    });
    await expect(carryOut(dying, run)).rejects.toThrow('gone');
    expect(await count()).toBe(1);
    const again = await carryOut(createSqlActivities(needs), run);
    expect(again).toMatchObject([{ ending: 'done', summary: expect.stringContaining('committed before') }]);
    expect(await count()).toBe(1);
  }));

test('a worker that dies after the COMMIT of an undo leaves it to the next one, which takes nothing back twice', async () =>
  withDatabase(postgres, async (db) => {
    const { run, needs } = await runOf(db, {});
    await carryOut(createSqlActivities(needs), run);
    const undo = await startUndo(db, run, 'ada');
    const dying = createSqlActivities({
      ...needs,
      writeUndoResults: () => Promise.reject(new Error('the worker is gone')),
    });
    await expect(goBack(dying, run, undo)).rejects.toThrow('gone');
    await server.sql("insert into things values ('of somebody else', 1)");
    const again = await goBack(createSqlActivities(needs), run, undo);
    expect(again).toMatchObject([{ outcome: 'undone', summary: 'it had been taken back already' }]);
    expect(await count()).toBe(1);
    await finishUndo(db, run, undo, 'undone');
  }));

test('a worker that was displaced commits nothing', async () =>
  withDatabase(postgres, async (db) => {
    const { run, needs } = await runOf(db, {});
    const slow = createSqlActivities({
      ...needs,
      keepTransaction: async (intent, transaction) => {
        await needs.beginAttempts(run, 'row', [{ host: 'web', attempt: 1 }]);
        await needs.keepTransaction(intent, transaction);
      },
    });
    await expect(carryOut(slow, run)).rejects.toThrow();
    expect([await count(), await needs.readTransactions({ run, step: 'row', host: 'web' })]).toEqual([0, []]);
  }));

test('a host whose sshd forwards nothing is said to open no way', async () =>
  withDatabase(postgres, async (db) => {
    await sshd.restart(['AllowTcpForwarding no', 'AllowStreamLocalForwarding no']);
    const { run, needs } = await runOf(db, {});
    expect(await carryOut(createSqlActivities(needs), run)).toMatchObject([
      { ending: 'unreachable', summary: expect.stringContaining('web opened no way there') },
    ]);
    expect((await readTasks(db, run))[0]?.failure).toMatchObject({
      kind: 'sql/unreachable',
      next: expect.stringContaining('AllowTcpForwarding'),
    });
  }));
