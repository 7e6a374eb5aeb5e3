import { createHmac } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import { dropDeliveries, endDelivery, putOffDelivery, takeDelivery, type Delivery } from '../../database/webhook.js';
import { webhookPause } from '../../model/webhook.js';
import type { Records } from './records.js';

const log = new Logger('webhook');

/** Milliseconds that a receiver may take, and between two looks for what is due. */
const patience = { answer: 10_000, look: 1_000 };

/** Where messages go, and the key that signs them. Both are the administrator's configuration, and nobody else's. */
export interface Webhook {
  readonly url: string;
  readonly key: Uint8Array;
}

/**
 * Reads the secret that signs messages: a `whsec_…` as Standard Webhooks has it, or any text of 24 bytes or more.
 *
 * @throws Error where others may read the file, or it is too short
 */
export async function openWebhook(url: string, secretFile: string): Promise<Webhook> {
  if (((await stat(secretFile)).mode & 0o077) !== 0)
    throw new Error(`${secretFile} can be read by others; put it right with: chmod 600 ${secretFile}`);
  const text = (await readFile(secretFile, 'utf8')).trim();
  const key = text.startsWith('whsec_') ? Buffer.from(text.slice(6), 'base64') : Buffer.from(text, 'utf8');
  if (key.length < 24) throw new Error(`${secretFile} holds no secret of 24 bytes or more`);
  return { url, key };
}

/**
 * Tells the webhook of runs that begin to wait or end badly, at least once each, and again with growing pauses until
 * it is taken. Nothing waits for it: runs go on whether anybody is told or not.
 */
export class WebhookTeller {
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(
    private readonly records: Records,
    private readonly webhook: Webhook | undefined,
  ) {}

  start(): void {
    this.#done = this.#repeat();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #repeat(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const told = await this.#tellOne().catch((error: unknown) => {
        log.warn(`nothing is lost, it is tried again: ${String(error)}`);
        return false;
      });
      if (!told) await pause(patience.look, this.#stop.signal);
    }
  }

  /** Whether there was something to tell. */
  async #tellOne(): Promise<boolean> {
    const { database } = this.records;
    if (!this.webhook) {
      await dropDeliveries(database);
      return false;
    }
    const delivery = await takeDelivery(database, 2 * (patience.answer / 1000));
    if (!delivery) return false;
    const fault = await send(this.webhook, delivery, this.#stop.signal);
    if (fault === undefined) await endDelivery(database, delivery, 'delivered');
    else {
      log.warn(`${delivery.run}/${delivery.sequence} was not taken (try ${delivery.attempts}): ${fault}`);
      await putOffDelivery(database, delivery, webhookPause(delivery.attempts), fault);
    }
    return true;
  }
}

/** Sends one message; undefined where it was taken, else why not. A redirect is not followed. */
async function send({ url, key }: Webhook, delivery: Delivery, stopped: AbortSignal): Promise<string | undefined> {
  const id = `${delivery.run}/${delivery.sequence}`;
  const body = JSON.stringify(cloudEvent(id, delivery));
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/cloudevents+json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature}`,
      },
      body,
      signal: AbortSignal.any([stopped, AbortSignal.timeout(patience.answer)]),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : `status ${answer.status}`;
  } catch (error) {
    // The cause's code alone: its text may hold more of the address than a log should.
    const { cause, name } = error as Error & { cause?: { code?: string } };
    return cause?.code ?? name;
  }
}

/** CloudEvents 1.0, structured mode. */
function cloudEvent(id: string, { run, type, data, at }: Delivery): unknown {
  return {
    specversion: '1.0',
    id,
    source: 'urn:belay',
    type,
    subject: run,
    time: at.toISOString(),
    datacontenttype: 'application/json',
    data,
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
