import type { RunEvent } from '../../../model/record.js';
import type { ApiClient } from '../api-client.js';
import { pause } from '../copy-output.js';
import { Stop } from '../stop.js';

/** Seconds for which an API that went away is asked again. */
const patience = 60;

/**
 * The events of a run from its beginning, without gap or repeat: after a lost connection it goes on behind the last
 * one seen.
 *
 * @throws Stop where the API stays away
 */
export async function* followEvents(client: ApiClient, run: string, signal: AbortSignal): AsyncGenerator<RunEvent> {
  let last = 0;
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const headers = { accept: 'text/event-stream', 'last-event-id': String(last) };
      const answer = await client.send(`/v1/runs/${run}/events`, { headers, signal });
      for await (const event of events(answer.body ?? [])) {
        last = event.sequence;
        failures = 0;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (failures >= patience) throw error instanceof Stop ? error : new Stop(`the API went away: ${String(error)}`);
    }
    await pause(1_000, signal);
  }
}

/** Cuts a stream of server-sent events; comments and other fields are passed over. */
export async function* events(body: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<RunEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').find((line) => line.startsWith('data: '));
      if (data !== undefined) yield JSON.parse(data.slice(6)) as RunEvent;
    }
  }
}
