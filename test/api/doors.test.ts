import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { routes } from '../../apps/api/app.module.js';
import { openApi as documentOf } from '../../apps/api/openapi.js';
import { problems } from '../../apps/api/problem.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { openApi, token, underKey, type Api } from './api.js';

interface BadRequest {
  readonly because: string;
  readonly send: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly kind: string;
  readonly pointers?: readonly string[];
}
const badRequests = parse(readFileSync('test/cases/api/bad-requests.yaml', 'utf8')) as BadRequest[];

/** Every route that Fastify serves, from its own listing. */
function served(api: Api): { method: string; url: string }[] {
  const fastify = api.app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const found: { method: string; url: string }[] = [];
  const path: string[] = [];
  for (const row of fastify.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', rest = ''] = /^([│├└─\s]*)(.*)$/.exec(row) ?? [];
    const [, piece = '', methods = ''] = /^(.*?)(?: \(([A-Z, ]+)\))?$/.exec(rest) ?? [];
    const depth = Math.floor(indent.length / 4);
    path.splice(Math.max(0, depth - 1), path.length, piece);
    for (const method of methods.split(', ').filter(Boolean)) found.push({ method, url: path.join('') });
  }
  return found;
}

describe('the doors of the API', () => {
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

  const open = ['/healthz', '/readyz'];

  it('answers no route without the token, save health and readiness', async () => {
    const all = served(api);
    expect(all.length).toBeGreaterThan(20);
    for (const { method, url } of all.filter((route) => !open.includes(route.url))) {
      for (const authorization of [undefined, 'Bearer wrong', `Basic ${token}`, `Bearer ${token}x`]) {
        const answer = await api.app.inject({
          method: method as 'GET',
          url: url.replaceAll(/:\w+/g, 'x'),
          headers: authorization === undefined ? {} : { authorization },
        });
        expect(answer.statusCode, `${method} ${url} with ${String(authorization)}`).toBe(401);
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      }
    }
  });

  it('is healthy without a token, and not ready while Temporal is away', async () => {
    expect((await api.app.inject('/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await api.app.inject('/readyz');
    expect(ready.statusCode).toBe(503);
    expect(ready.headers['retry-after']).toBe('2');
    expect(ready.json()).toMatchObject({ kind: 'temporal/unreachable' });
  });

  it.each(badRequests)('refuses $send: $because', async ({ send, body, headers, status, kind, pointers }) => {
    const [method, url] = send.split(' ') as ['GET' | 'POST' | 'PUT', string];
    const answer = await api.ask(method, url, body, { ...underKey(), ...headers });
    expect({ status: answer.status, kind: answer.body.kind }).toEqual({ status, kind });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, type: `urn:belay:problem:${kind}` });
    expect(answer.body.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.bytes.toString()).not.toMatch(/\bat .*\.[jt]s:\d+|node_modules/);
    if (pointers !== undefined)
      expect(answer.body.errors.map((fault: { pointer: string }) => fault.pointer)).toEqual(pointers);
  });

  it('refuses a body with __proto__ and changes no prototype', async () => {
    const answer = await api.app.inject({
      method: 'POST',
      url: '/v1/runs',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...underKey() },
      payload: `{"plan":"${'a'.repeat(64)}","__proto__":{"by":"root"}}`,
    });
    expect(answer.statusCode).toBe(400);
    expect(({} as { by?: string }).by).toBeUndefined();
  });

  it('refuses a body of more than 32 MiB', async () => {
    const answer = await api.ask('POST', '/v1/plans', {
      files: { a: 'x'.repeat(33 * 1024 * 1024) },
      runbook: 'a',
      inventory: 'a',
    });
    expect(answer.status).toBe(413);
    expect(answer.body.kind).toBe('request/too-large');
  });

  it('describes exactly the routes that it serves', async () => {
    const document = (await api.ask('GET', '/openapi.json')).body as { paths: Record<string, Record<string, unknown>> };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routed = served(api)
      .filter(({ method }) => !['HEAD', 'OPTIONS'].includes(method))
      .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`);
    expect(described.sort()).toEqual(routed.sort());
  });

  it('says of every route what it is for and what it answers, and of every header which it needs', () => {
    const { paths } = documentOf(routes) as unknown as {
      paths: Record<string, Record<string, { summary: string; responses: object; parameters: { name: string }[] }>>;
    };
    for (const [path, methods] of Object.entries(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        expect(operation.summary, `${method} ${path}`).not.toBe('');
        expect(Object.keys(operation.responses).length, `${method} ${path}`).toBeGreaterThan(1);
      }
    }
    expect(paths['/v1/runs']?.['post']?.parameters.map((parameter) => parameter.name)).toContain('Idempotency-Key');
  });

  it('describes bodies and answers without a reference that leads nowhere', () => {
    const text = JSON.stringify(documentOf(routes));
    const references = [...text.matchAll(/"\$ref":"([^"]+)"/g)].map((found) => found[1]);
    expect(new Set(references)).toEqual(new Set(['#/components/schemas/Problem']));
  });
});

it('every kind of refusal is documented, with its status', () => {
  const rows = [...readFileSync('docs/api.md', 'utf8').matchAll(/^\| `([\w/-]+)` +\| (\d{3}) +\|/gm)].map(
    ([, kind, status]) => [kind, Number(status)],
  );
  expect(rows).toEqual(Object.entries(problems).map(([kind, [status]]) => [kind, status]));
});
