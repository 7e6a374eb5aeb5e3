import { readEvents } from '../../database/events.js';
import type { RunEvent } from '../../model/record.js';
import type { EventFeed } from './event-feed.js';
import type { Records } from './records.js';

/**
 * The events of a run after number `after`, as server-sent events, for as long as somebody listens. Numbers have no
 * gaps, so whoever comes back with the last one misses none and sees none twice.
 *
 * @param idle - milliseconds after which Postgres is asked again even if nothing rang, and the other side hears a sign
 *   of life
 */
export async function* streamEvents(
  records: Records,
  feed: EventFeed,
  run: string,
  after: number,
  signal: AbortSignal,
  idle = 5_000,
): AsyncGenerator<string> {
  const bell = feed.bell(run);
  try {
    yield 'retry: 1000\n\n';
    for (let last = after; !signal.aborted;) {
      const events = await readEvents(records.database, run, last, 500);
      for (const event of events) yield written(event);
      last = events.at(-1)?.sequence ?? last;
      if (events.length > 0) continue;
      yield ': waiting\n\n';
      await bell.heard(idle, signal);
    }
  } finally {
    bell.close();
  }
}

/** JSON has no line ends of its own, so one `data` line is enough. */
function written(event: RunEvent): string {
  return `id: ${event.sequence}\nevent: ${event.kind.replaceAll(/[\r\n]/g, ' ')}\ndata: ${JSON.stringify(event)}\n\n`;
}
