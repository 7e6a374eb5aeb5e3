import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventFeed } from '../../apps/api/event-feed.js';
import { streamEvents } from '../../apps/api/stream-events.js';
import { events as eventsIn } from '../../apps/cli/watch/follow-events.js';
import { moveRun } from '../../database/runs.js';
import type { RunEvent } from '../../model/record.js';
import { phase, plan, step } from '../database/example.js';
import { startPostgres, type TestPostgres } from '../database/postgres.js';
import { keepPlan, openApi, token, underKey, type Api } from './api.js';

describe('the events of a run', () => {
  let postgres: TestPostgres;
  let api: Api;
  let url: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    api = await openApi(postgres);
    url = await api.listen();
  });
  afterAll(async () => {
    await api.close();
    await postgres.stop();
  });

  async function newRun(host: string): Promise<string> {
    const hash = await keepPlan(api, plan([phase('Only', [[host]], [step('work', [host])])]));
    const { body } = await api.ask('POST', '/v1/runs', { plan: hash }, underKey());
    await moveRun(api.records.database, body.run, 'running');
    return body.run as string;
  }

  /** Moves the run to and fro; each move is an event. */
  async function happen(run: string, times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) {
      await moveRun(api.records.database, run, 'waiting', { for: 'decision', count });
      await moveRun(api.records.database, run, 'running', { count });
    }
  }

  async function* follow(run: string, after: number, signal: AbortSignal): AsyncGenerator<RunEvent> {
    const answer = await fetch(`${url}/v1/runs/${run}/events`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream', 'last-event-id': String(after) },
      signal,
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    yield* eventsIn(answer.body ?? []);
  }

  it('come page by page, numbered without gaps', async () => {
    const run = await newRun('e1');
    await happen(run, 5);
    const first = (await api.ask('GET', `/v1/runs/${run}/events?limit=4`)).body.events as RunEvent[];
    const rest = (await api.ask('GET', `/v1/runs/${run}/events?after=4`)).body.events as RunEvent[];
    const numbers = [...first, ...rest].map((event) => event.sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect(first).toHaveLength(4);
  });

  it('are streamed while they happen, and a follower who comes back after each lost connection misses none and sees none twice', async () => {
    const run = await newRun('e2');
    const happening = happen(run, 40);
    const seen: RunEvent[] = [];
    let connections = 0;
    while (seen.length < 82) {
      const cut = new AbortController();
      connections += 1;
      let taken = 0;
      for await (const event of follow(run, seen.at(-1)?.sequence ?? 0, cut.signal)) {
        seen.push(event);
        taken += 1;
        if (taken >= 17 || seen.length >= 82) break;
      }
      cut.abort();
    }
    await happening;
    expect(connections).toBeGreaterThan(3);
    expect(seen.map((event) => event.sequence)).toEqual(Array.from({ length: 82 }, (_, index) => index + 1));
  });

  it('are heard by one who waits, long before the next look without being called', async () => {
    const run = await newRun('e3');
    const feed = await EventFeed.open(api.databaseUrl);
    const cut = new AbortController();
    // Without the call nobody would look again before this test has timed out.
    const stream = streamEvents(api.records, feed, run, 2, cut.signal, 24 * 3_600_000);
    const next = async (): Promise<unknown> => (await stream.next()).value;
    expect([await next(), await next()]).toEqual(['retry: 1000\n\n', ': waiting\n\n']);
    const heard = next();
    await happen(run, 1);
    expect(await heard).toMatch(/^id: 3\nevent: run-moved\n/);
    cut.abort();
    await stream.return(undefined);
    await feed.close();
  });

  it('end when the API closes, though somebody follows', async () => {
    const other = await openApi(postgres);
    const address = await other.listen();
    const hash = await keepPlan(other, plan([phase('Only', [['e4']], [step('work', ['e4'])])]));
    const { body } = await other.ask('POST', '/v1/runs', { plan: hash }, underKey());
    const answer = await fetch(`${address}/v1/runs/${body.run}/events`, {
      headers: { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    });
    const reading = (async () => {
      for await (const event of eventsIn(answer.body ?? [])) expect(event.run).toBe(body.run);
    })().catch((error: unknown) => error);
    await other.close();
    await reading;
  });

  it('refuse a last event that is no number', async () => {
    const run = await newRun('e5');
    const headers = { accept: 'text/event-stream', 'last-event-id': 'abc' };
    expect((await api.ask('GET', `/v1/runs/${run}/events`, undefined, headers)).status).toBe(400);
  });
});
