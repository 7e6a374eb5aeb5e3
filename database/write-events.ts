import type { EntityManager } from 'typeorm';
import type { EventKind } from '../model/event.js';
import type { Value } from '../model/value.js';
import { rows } from './query.js';
import { json } from './storable.js';

/** The channels that tell of new events and of new output; their payload is the run. */
export const channels = { events: 'belay_run', output: 'belay_output' } as const;

export interface NewEvent {
  readonly kind: EventKind;
  readonly data: Readonly<Record<string, Value>>;
}

/**
 * Numbers events and writes them, in the caller's transaction. Counting up takes the run's row lock until the end of
 * that transaction, so numbers have no gaps and become visible in order.
 */
export async function appendEvents(manager: EntityManager, run: string, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await rows(
    manager,
    `with counted as (
       update runs set last_event = last_event + $2 where run = $1 returning last_event - $2 as before
     ), written as (
       insert into events (run, sequence, at, kind, data)
       select $1, before + place, clock_timestamp(), event ->> 'kind', event -> 'data'
       from counted, jsonb_array_elements($3::jsonb) with ordinality as happened (event, place)
     )
     select pg_notify($4, $1)`,
    [run, events.length, json(events), channels.events],
  );
}
