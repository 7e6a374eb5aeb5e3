import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { RunEvent } from '../model/record.js';
import type { Database } from './connect.js';
import { rows } from './query.js';
import type { EventRow } from './tables/runs.js';
import { channels } from './write-events.js';

/** Events of a run after number `after`, in order, without gaps. */
export async function readEvents(db: Database, run: string, after: number, limit: number): Promise<RunEvent[]> {
  const found = await rows<EventRow>(
    db,
    'select * from events where run = $1 and sequence > $2 order by sequence limit $3',
    [run, after, limit],
  );
  return found.map((event) => ({ ...event, at: event.at.toISOString() }));
}

export interface Listening {
  close(): Promise<void>;
}

export interface Ears {
  /** The run has new events. Called for no run in particular (`undefined`) after a connection was lost and made anew. */
  readonly onRun: (run: string | undefined) => void;
  /** The run has new output. */
  readonly onOutput?: (run: string) => void;
}

/**
 * Listens on a connection of its own, and makes it again when it is lost.
 *
 * @throws where the first connection cannot be made
 */
export async function listenEvents(url: string, ears: Ears): Promise<Listening> {
  const closing = new AbortController();
  let client = await listener(url, ears);
  const listening = (async (): Promise<void> => {
    for (;;) {
      await ended(client, closing.signal);
      if (closing.signal.aborted) return;
      const again = await anew(url, ears, closing.signal);
      if (!again) return;
      client = again;
      ears.onRun(undefined);
    }
  })();
  return {
    close: async () => {
      closing.abort();
      await listening;
      await client.end();
    },
  };
}

async function listener(url: string, ears: Ears): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
    application_name: 'belay ears',
  });
  // The end that follows is what counts; unheard, an error would end the process.
  client.on('error', () => undefined);
  client.on('notification', ({ channel, payload = '' }) => {
    if (channel === channels.events) ears.onRun(payload);
    else ears.onOutput?.(payload);
  });
  await client.connect();
  await client.query(`listen ${channels.events}; listen ${channels.output}`);
  return client;
}

async function ended(client: pg.Client, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    client.once('end', resolve);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function anew(url: string, ears: Ears, signal: AbortSignal): Promise<pg.Client | undefined> {
  for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, 5_000)) {
    const client = await listener(url, ears).catch(() => undefined);
    if (client) return client;
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}
