import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpActivities } from '../../activities/http/activities.js';
import type { HttpNeeds } from '../../activities/http/needs.js';
import { openWorkerKey } from '../../apps/worker/secrets/identity.js';
import { readSettings } from '../../apps/worker/settings.js';
import { openPlans } from '../../apps/worker/wiring/plans.js';
import { openRendering } from '../../apps/worker/wiring/rendering.js';
import { webServerNeeds } from '../../apps/worker/wiring/web-servers.js';
import { beginAttempts } from '../../database/attempts.js';
import type { Database } from '../../database/connect.js';
import { writeIntents } from '../../database/intents.js';
import { owedRestarts, payRestarts } from '../../database/owed.js';
import { writeResults } from '../../database/results.js';
import { readTasks } from '../../database/tasks.js';
import { startUndo } from '../../database/begin-undo.js';
import { readUndo, writeUndoResults } from '../../database/undo.js';
import type { Plan, PlannedStep } from '../../model/plan.js';
import { beforeTakers } from '../../model/task/undone-by.js';
import { intent, phase, plan, result, running, step, withDatabase } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { compileStep } from '../steps/cases.js';
import { startThingServer, type ThingServer } from './server.js';

let postgres: TestPostgres;
let server: ThingServer;
let data: string;
beforeAll(async () => {
  [postgres, server, data] = await Promise.all([
    startPostgres(),
    startThingServer(),
    mkdtemp(join(tmpdir(), 'belay-http-')),
  ]);
});
afterAll(async () => Promise.all([postgres.stop(), server.close(), rm(data, { recursive: true })]));

/** One step that gives the server a secret that the run makes; others may come after it. */
function planOf(owes: readonly string[] = [], ...after: readonly PlannedStep[]): Plan {
  const url = `https://localhost:${server.port}/things/a`;
  const json = { password: '${{ secret.password }}' };
  const http = { method: 'PUT', url, authority: server.authority, json, undo: { method: 'DELETE', url } };
  const told = step('told', ['web'], { kind: 'http', operations: [compileStep({ http })], owes });
  return { ...plan([phase('All', [['web']], [told, ...after])]), secrets: { password: { generate: { length: 24 } } } };
}

async function needsOf(db: Database, of: Plan, run: string, loopback: 'true' | 'false' = 'true'): Promise<HttpNeeds> {
  const key = await openWorkerKey(data);
  const plans = openPlans(db);
  const rendering = openRendering(db, plans, key);
  await rendering.secrets.prepareRunSecrets(run, of);
  const settings = readSettings({ BELAY_DATA: data, BELAY_DATABASE_URL: 'unused', BELAY_HTTP_LOOPBACK: loopback });
  return webServerNeeds(db, plans, rendering, settings);
}

const request = (run: string): Parameters<ReturnType<typeof createHttpActivities>['runHttpStep']>[0] => ({
  run,
  phase: 0,
  wave: 0,
  step: 'told',
  hosts: [{ host: 'web', attempt: 1 }],
});

test('a request goes out with the secrets of the run, is recorded, and goes back', async () =>
  withDatabase(postgres, async (db) => {
    const of = planOf();
    const run = await running(db, of);
    const activities = createHttpActivities(await needsOf(db, of, run));
    const environment = new MockActivityEnvironment();
    expect(await environment.run(activities.runHttpStep, request(run))).toMatchObject([
      { host: 'web', ending: 'done' },
    ]);
    expect(server.things.get('/things/a')).toMatch(/^\{"password":"[^"]{24}"\}$/);
    expect(await readTasks(db, run)).toMatchObject([{ step: 'told', state: 'changed', settled: true, ending: 'done' }]);

    const undo = await startUndo(db, run, 'ada');
    expect((await readUndo(db, run, undo)).barriers).toMatchObject([{ step: 'told', on: 'http' }]);
    const back = { run, undo, phase: 0, wave: 0, step: 'told', hosts: ['web'] };
    expect(await new MockActivityEnvironment().run(activities.undoHttpStep, back)).toMatchObject([
      { outcome: 'undone' },
    ]);
    expect(server.things.size).toBe(0);
  }));

test('what it did goes back with the restarts that it owes, and those of what goes back with it', async () =>
  withDatabase(postgres, async (db) => {
    const of = planOf(['reader'], step('used', ['web'], { owes: ['user'], undo: { how: 'by', by: ['told'] } }));
    const run = await running(db, of);
    const needs = await needsOf(db, of, run);
    const activities = createHttpActivities(needs);
    await new MockActivityEnvironment().run(activities.runHttpStep, request(run));
    const [begun] = await beginAttempts(db, run, 'used', [{ host: 'web', attempt: 1 }]);
    const did = intent(run, 'used', 'web', begun?.holder ?? 0);
    await writeIntents(db, [did], [{ host: 'web', service: 'user', step: 'used' }]);
    await writeResults(db, [result(run, 'used', 'web')]);
    const services = ['reader', 'user'].map((service) => ({ host: 'web', service }));
    const owed = async (): Promise<string[]> => (await owedRestarts(db, run, services)).map(({ service }) => service);
    await payRestarts(db, run, await owedRestarts(db, run, services));
    expect(await owed()).toEqual([]);

    const undo = await startUndo(db, run, 'ada');
    const taker = { step: 'told', name: 'Step told is so', will: 'act' } as const;
    await writeUndoResults(db, run, undo, [{ step: 'used', host: 'web', ...beforeTakers('to undo it', [taker]) }]);
    expect(await owed()).toEqual([]);
    const back = { run, undo, phase: 0, wave: 0, step: 'told', hosts: ['web'] };
    const gone = async (): Promise<never> => Promise.reject(new Error('the worker is gone'));
    const dying = createHttpActivities({ ...needs, announceUndo: async (one) => needs.announceUndo(one).then(gone) });
    await expect(new MockActivityEnvironment().run(dying.undoHttpStep, back)).rejects.toThrow('gone');
    expect([server.things.size, await owed()]).toEqual([1, ['reader', 'user']]);
    await new MockActivityEnvironment().run(activities.undoHttpStep, back);
    expect(server.things.size).toBe(0);
    expect((await readTasks(db, run)).map(({ state }) => state)).toEqual(['undone', 'undone']);
    expect(await owed()).toEqual(['reader', 'user']);
  }));

test('a worker that dies once it has announced a request leaves the outcome unknown, and nothing is sent twice', async () =>
  withDatabase(postgres, async (db) => {
    server.requests.length = 0;
    const of = planOf();
    const run = await running(db, of);
    const needs = await needsOf(db, of, run);
    const dying = createHttpActivities({
      ...needs,
      announce: async (intent) => needs.announce(intent).then(() => Promise.reject(new Error('the worker is gone'))),
    });
    await expect(new MockActivityEnvironment().run(dying.runHttpStep, request(run))).rejects.toThrow('gone');
    const again = await new MockActivityEnvironment().run(createHttpActivities(needs).runHttpStep, request(run));
    expect(again).toMatchObject([{ ending: 'unknown' }]);
    expect(server.requests).toEqual([]);
  }));

test("a request to the worker's own machine is refused, as things are set up", async () =>
  withDatabase(postgres, async (db) => {
    server.requests.length = 0;
    const of = planOf();
    const run = await running(db, of);
    const activities = createHttpActivities(await needsOf(db, of, run, 'false'));
    const standings = await new MockActivityEnvironment().run(activities.runHttpStep, request(run));
    expect(standings).toMatchObject([{ ending: 'refused', summary: expect.stringContaining('not to be reached') }]);
    expect(server.requests).toEqual([]);
  }));
