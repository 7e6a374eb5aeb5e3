import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../apps/api/create-app.js';
import { EventFeed } from '../../apps/api/event-feed.js';
import { Recipient } from '../../apps/api/recipient.js';
import { Records } from '../../apps/api/records.js';
import { sha256 } from '../../apps/api/sha256.js';
import { Token } from '../../apps/api/token.js';
import { Workflows } from '../../apps/api/workflows.js';
import { closeDatabase } from '../../database/connect.js';
import { storePlan } from '../../database/plans.js';
import type { Plan } from '../../model/plan.js';
import { freshDatabase, gated } from '../database/example.js';
import type { TestPostgres } from '../database/postgres.js';

export const token = 'belay_a-token-for-tests-of-thirty-two';

/** The API over a database of its own. */
export interface Api {
  readonly app: NestFastifyApplication;
  readonly records: Records;
  readonly workflows: Workflows;
  readonly data: string;
  readonly databaseUrl: string;
  /** Asks with the token, as tester. */
  ask(method: 'GET' | 'POST' | 'PUT', url: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Opens a port and returns its address. */
  listen(): Promise<string>;
  close(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
  // Each test says which shape it expects.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  readonly body: any;
}

/** Nothing listens there: Temporal is away. */
export const nowhere = '127.0.0.1:1';

export async function openApi(postgres: TestPostgres, temporal: string = nowhere): Promise<Api> {
  const database = await freshDatabase(postgres);
  const data = await mkdtemp(join(tmpdir(), 'belay-api-'));
  const records = new Records(database);
  const workflows = Workflows.at(temporal, 'default', temporal === nowhere ? 100 : 30_000);
  const feed = await EventFeed.open(database.url);
  const app = await createApp({ records, workflows, feed, token: new Token(token), recipient: new Recipient(data) });
  Logger.overrideLogger(false);
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    app,
    records,
    workflows,
    data,
    databaseUrl: database.url,
    ask: async (method, url, body, headers = {}) => ask(app, method, url, body, headers),
    listen: async () => {
      await app.listen(0, '127.0.0.1');
      return app.getUrl();
    },
    close: async () => {
      await app.close();
      await feed.close();
      await workflows.close();
      await closeDatabase(database);
      await rm(data, { recursive: true, force: true });
    },
  };
}

async function ask(
  app: NestFastifyApplication,
  method: 'GET' | 'POST' | 'PUT',
  url: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const answer = await app.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}`, 'belay-user': 'tester', ...headers },
    ...(body !== undefined && { payload: body as object }),
  });
  const json = String(answer.headers['content-type'] ?? '').includes('json');
  return {
    status: answer.statusCode,
    headers: answer.headers,
    bytes: answer.rawPayload,
    body: json ? answer.json() : answer.body,
  };
}

/** Keeps a plan, as if it had been compiled, and returns its hash. */
export async function keepPlan(api: Api, plan: Plan = gated): Promise<string> {
  const hash = sha256(JSON.stringify(plan) + randomUUID());
  await storePlan(api.records.database, plan, hash);
  return hash;
}

export const underKey = (key: string = randomUUID()): Record<string, string> => ({ 'idempotency-key': key });
