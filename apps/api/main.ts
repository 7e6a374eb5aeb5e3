import 'reflect-metadata';
import { closeDatabase, openDatabase } from '../../database/connect.js';
import { createApp } from './create-app.js';
import { EventFeed } from './event-feed.js';
import { Recipient } from './recipient.js';
import { Records } from './records.js';
import { readSettings, type Settings } from './settings.js';
import { Sweeper } from './sweep.js';
import { openToken } from './token.js';
import { openWebhook, WebhookTeller } from './webhook.js';
import { Workflows } from './workflows.js';

try {
  await serve(readSettings(process.env));
} catch (error) {
  process.stderr.write(`belay-api: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** Opens what the API needs, answers until SIGTERM or SIGINT, and closes in the opposite order. */
async function serve(settings: Settings): Promise<void> {
  await using open = new AsyncDisposableStack();
  const token = await openToken(settings.data);
  const webhook = settings.webhook && (await openWebhook(settings.webhook.url, settings.webhook.secretFile));
  const records = new Records(await openDatabase(settings.databaseUrl));
  open.defer(() => closeDatabase(records.database));
  const workflows = Workflows.at(settings.temporalAddress, settings.temporalNamespace);
  open.defer(() => workflows.close());
  const feed = await EventFeed.open(settings.databaseUrl);
  open.defer(() => feed.close());
  const app = await createApp({ records, workflows, feed, token, recipient: new Recipient(settings.data) });
  open.defer(() => app.close());
  await app.listen(settings.port, settings.host);
  const sweeper = new Sweeper(records, workflows);
  open.defer(() => sweeper.stop());
  sweeper.start();
  const teller = new WebhookTeller(records, webhook);
  open.defer(() => teller.stop());
  teller.start();
  process.stdout.write(`belay-api: listening on ${await app.getUrl()}\n`);
  await toldToStop();
}

function toldToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
