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
import type { Database } from '../../database/connect.js';
import { readTasks } from '../../database/tasks.js';
import { readUndo, startUndo } from '../../database/undo.js';
import type { Plan } from '../../model/plan.js';
import { phase, plan, running, step, withDatabase } from '../database/example.js';
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
}, 60_000);
afterAll(async () => Promise.all([postgres.stop(), server.close(), rm(data, { recursive: true })]));

/** One step that gives the server a secret that the run makes. */
function planOf(): Plan {
  const url = `https://localhost:${server.port}/things/a`;
  const json = { password: '${{ secret.password }}' };
  const http = { method: 'PUT', url, authority: server.authority, json, undo: { method: 'DELETE', url } };
  const told = step('told', ['web'], { kind: 'http', operations: [compileStep({ http })] });
  return { ...plan([phase('All', [['web']], [told])]), secrets: { password: { generate: { length: 24 } } } };
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
