import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { keepPlan, openApi, underKey, type Api } from './api.js';

let postgres: TestPostgres;
let api: Api;
beforeAll(async () => {
  postgres = await startPostgres();
  api = await openApi(postgres);
});
afterAll(async () => {
  await api.close();
  await postgres.stop();
});

it('answers 503 with Retry-After while the database is away, and all is there again after it', async () => {
  const plan = await keepPlan(api);
  const started = await api.ask('POST', '/v1/runs', { plan }, underKey());
  expect(started.status).toBe(201);
  await postgres.stopImmediately();
  for (const [method, url, body] of [
    ['GET', '/v1/runs', undefined],
    ['GET', `/v1/runs/${started.body.run}`, undefined],
    ['POST', '/v1/runs', { plan }],
    ['POST', `/v1/runs/${started.body.run}/verbs`, { verb: 'pause', arguments: {} }],
    ['GET', '/readyz', undefined],
  ] as const) {
    const answer = await api.ask(method, url, body, underKey());
    expect([url, answer.status, answer.body.kind]).toEqual([url, 503, 'database/unreachable']);
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.bytes.toString()).not.toMatch(/ECONNREFUSED|postgres:|password/);
  }
  expect((await api.ask('GET', '/healthz')).status).toBe(200);
  await postgres.start();
  await expect
    .poll(async () => (await api.ask('GET', `/v1/runs/${started.body.run}`)).status, { timeout: 45_000 })
    .toBe(200);
}, 60_000);
