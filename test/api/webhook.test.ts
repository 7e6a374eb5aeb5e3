import { createHmac, randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Records } from '../../apps/api/records.js';
import { readSettings } from '../../apps/api/settings.js';
import { openWebhook, WebhookTeller } from '../../apps/api/webhook.js';
import { closeDatabase, type Database } from '../../database/connect.js';
import { moveRun } from '../../database/runs.js';
import { takeDelivery } from '../../database/webhook.js';
import { webhookMessage, webhookPause } from '../../model/webhook.js';
import { freshDatabase, phase, plan, planned, running, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';

const secret = 'a-secret-of-the-webhook-of-tests';

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

describe('the webhook', () => {
  let postgres: TestPostgres;
  let db: Database;
  let receiver: Server;
  let teller: WebhookTeller;
  let received: Received[];
  /** What the receiver answers, one after another; then 204. */
  let answers: number[];

  beforeAll(async () => {
    Logger.overrideLogger(false);
    postgres = await startPostgres();
  });
  afterAll(async () => postgres.stop());
  beforeEach(async () => {
    [received, answers] = [[], []];
    db = await freshDatabase(postgres);
    receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => void chunks.push(chunk));
      request.on('end', () => {
        received.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
        response.writeHead(answers.shift() ?? 204, { location: '/elsewhere' }).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    teller = new WebhookTeller(new Records(db), { url: `http://127.0.0.1:${port}/hook`, key: Buffer.from(secret) });
  });
  afterEach(async () => {
    await teller.stop();
    receiver.closeAllConnections();
    receiver.close();
    await closeDatabase(db);
  });

  const arrived = async (count: number): Promise<void> => expect.poll(() => received.length).toBe(count);
  const due = async (): Promise<void> => {
    await db.query("update webhook_outbox set due_at = now() - interval '1 second' where ended_at is null");
  };

  it('is told of a run that begins to wait and of one that fails, as signed CloudEvents', async () => {
    const run = await running(db);
    await moveRun(db, run, 'waiting', { for: 'decision', phase: 0, wave: 1, anything: 'else' });
    await moveRun(db, run, 'failed', { because: 'a host failed' });
    teller.start();
    await arrived(2);
    const [first, second] = received.map(({ body }) => JSON.parse(body) as Record<string, unknown>);
    expect(first).toEqual({
      specversion: '1.0',
      id: `${run}/3`,
      source: 'urn:belay',
      type: 'belay.run.waiting',
      subject: run,
      time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      datacontenttype: 'application/json',
      data: { run, runbook: 'example', startedBy: 'ada', state: 'waiting', for: 'decision', phase: 0, wave: 1 },
    });
    expect(second).toMatchObject({ type: 'belay.run.failed', data: { state: 'failed', because: 'a host failed' } });
    const { headers, body } = received[0]!;
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    expect(headers['content-type']).toBe('application/cloudevents+json');
    expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', secret).update(signed).digest('base64')}`);
    expect(Math.abs(Number(headers['webhook-timestamp']) * 1000 - Date.now())).toBeLessThan(60_000);
  });

  it('is told again under the same id until it takes the message, and once taken no more', async () => {
    answers = [500, 302];
    const run = await running(db);
    await moveRun(db, run, 'failed');
    teller.start();
    await arrived(1);
    for (const count of [2, 3]) {
      await expect.poll(async () => (await db.query('select outcome from webhook_outbox'))[0].outcome).not.toBeNull();
      await due();
      await arrived(count);
    }
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([`${run}/3`]));
    await expect
      .poll(async () => db.query('select outcome, attempts from webhook_outbox'))
      .toEqual([{ outcome: 'delivered', attempts: 3 }]);
    await teller.stop();
    await db.query("update webhook_outbox set due_at = now() - interval '1 second'");
    expect(await takeDelivery(db, 1)).toBeUndefined();
  });

  it('is told of a wait for leases only once it is long, and not where it is over', async () => {
    const alone = plan([phase('All', [['node1']], [step('one', ['node1'])])]);
    await running(db, alone, 'first');
    for (const run of ['second', 'third']) await planned(db, alone, run);
    expect(await takeDelivery(db, 1)).toBeUndefined();
    await moveRun(db, 'third', 'cancelled');
    await due();
    teller.start();
    await arrived(1);
    const ended = 'select run, outcome from webhook_outbox where ended_at is not null order by run';
    await expect
      .poll(async () => db.query(ended))
      .toEqual([
        { run: 'second', outcome: 'delivered' },
        { run: 'third', outcome: 'over' },
      ]);
    expect(received.map(({ body }) => JSON.parse(body) as unknown)).toMatchObject([
      { subject: 'second', data: { for: 'leases', host: 'node1' } },
    ]);
  });

  it('that is away holds nothing up, and what was not told outlives the process', async () => {
    const away = new WebhookTeller(new Records(db), {
      url: `http://127.0.0.1:${await getPort()}/`,
      key: Buffer.from(secret),
    });
    const run = await running(db);
    away.start();
    await moveRun(db, run, 'failed');
    await expect
      .poll(async () => (await db.query('select outcome from webhook_outbox'))[0].outcome)
      .toBe('ECONNREFUSED');
    await away.stop();
    await due();
    teller.start();
    await arrived(1);
  });

  it('that is not set leaves nothing to be told later', async () => {
    const nobody = new WebhookTeller(new Records(db), undefined);
    await moveRun(db, await running(db), 'failed');
    nobody.start();
    await expect.poll(async () => (await db.query('select 1 from webhook_outbox')).length).toBe(0);
    await nobody.stop();
  });
});

describe('the settings of the webhook', () => {
  const set = (more: Record<string, string>) =>
    readSettings({ BELAY_DATABASE_URL: 'postgres://x/y', BELAY_TEMPORAL_ADDRESS: 'a:1', ...more });
  const url = (text: string) => set({ BELAY_WEBHOOK_URL: text, BELAY_WEBHOOK_SECRET_FILE: '/x' });

  it('take https anywhere and http on this machine alone', () => {
    expect(url('https://hooks.example/belay').webhook?.url).toBe('https://hooks.example/belay');
    expect(url('http://127.0.0.1:8080/').webhook?.url).toBe('http://127.0.0.1:8080/');
    for (const wrong of ['http://hooks.example/', 'https://user:word@hooks.example/', 'ftp://hooks.example/'])
      expect(() => url(wrong), wrong).toThrow(/BELAY_WEBHOOK_URL/);
    expect(() => set({ BELAY_WEBHOOK_URL: 'https://hooks.example/' })).toThrow(/BELAY_WEBHOOK_SECRET_FILE/);
  });

  it('want a secret that only its owner can read, and that is long enough', async () => {
    const folder = mkdtempSync(join(tmpdir(), `belay-webhook-${randomUUID().slice(0, 4)}`));
    const file = join(folder, 'secret');
    writeFileSync(file, `${secret}\n`, { mode: 0o600 });
    expect(Buffer.from((await openWebhook('https://x/', file)).key).toString()).toBe(secret);
    chmodSync(file, 0o644);
    await expect(openWebhook('https://x/', file)).rejects.toThrow(/chmod 600/);
    chmodSync(file, 0o600);
    writeFileSync(file, 'short');
    await expect(openWebhook('https://x/', file)).rejects.toThrow(/24 bytes/);
    rmSync(folder, { recursive: true });
  });
});

it('tells of a wait when it begins, not when it goes on', () => {
  const running = { state: 'running', standing: {} } as const;
  const waiting = { state: 'waiting', standing: { for: 'leases', place: 2 } } as const;
  expect(webhookMessage(running, 'waiting', { for: 'approval' })).toEqual({ type: 'belay.run.waiting', after: 0 });
  expect(webhookMessage(running, 'waiting', { for: 'budget' })).toMatchObject({ after: 600 });
  expect(webhookMessage(waiting, 'waiting', { for: 'leases', place: 1 })).toBeUndefined();
  expect(webhookMessage(running, 'succeeded', {})).toBeUndefined();
  expect([1, 2, 3, 50].map(webhookPause)).toEqual([5, 10, 20, 3600]);
});
