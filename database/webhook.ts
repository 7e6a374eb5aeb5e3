import type { EntityManager } from 'typeorm';
import type { RunState } from '../model/states.js';
import type { Value } from '../model/value.js';
import { webhookData, webhookMessage } from '../model/webhook.js';
import type { Database } from './connect.js';
import { row, rows } from './query.js';
import { json, storableText } from './storable.js';
import type { RunRow } from './tables/runs.js';

/** Days for which a message is tried, and for which it is kept after its end. */
const days = { tried: 3, kept: 7 };

/** One message that is due. */
export interface Delivery {
  readonly run: string;
  readonly sequence: number;
  readonly type: string;
  readonly data: Readonly<Record<string, Value>>;
  readonly at: Date;
  /** This try among them. */
  readonly attempts: number;
}

/** Writes the message that a move makes, if any, in the transaction and with the number of its event. */
export async function tellWebhook(
  manager: EntityManager,
  from: RunRow,
  to: RunState,
  standing: Readonly<Record<string, Value>>,
): Promise<void> {
  const message = webhookMessage(from, to, standing);
  if (!message) return;
  await rows(
    manager,
    `insert into webhook_outbox (run, sequence, type, data, due_at)
     select run, last_event, $2, $3::jsonb || jsonb_build_object('run', run, 'runbook', runbook, 'startedBy', started_by),
       clock_timestamp() + $4 * interval '1 second'
     from runs where run = $1 on conflict do nothing`,
    [from.run, message.type, json({ ...webhookData(standing), state: to }), message.after],
  );
}

/**
 * Takes one message that is due. It is due again after `seconds`, so that one that nobody answers for is tried again;
 * several processes may take at once.
 */
export async function takeDelivery(db: Database, seconds: number): Promise<Delivery | undefined> {
  await endStale(db);
  return row<Delivery>(
    db,
    `update webhook_outbox set attempts = attempts + 1, due_at = clock_timestamp() + $1 * interval '1 second'
     where (run, sequence) = (
       select run, sequence from webhook_outbox where ended_at is null and due_at <= clock_timestamp()
       order by due_at for update skip locked limit 1
     ) returning run, sequence, type, data, at, attempts`,
    [seconds],
  );
}

/** Ends what need not be told any more: a wait for other runs that is over, and what nobody took for days. */
async function endStale(db: Database): Promise<void> {
  await rows(
    db,
    `update webhook_outbox told set ended_at = clock_timestamp(),
       outcome = case when told.at <= clock_timestamp() - $1 * interval '1 day' then 'given up' else 'over' end
     from runs where runs.run = told.run and told.ended_at is null and due_at <= clock_timestamp()
       and (told.at <= clock_timestamp() - $1 * interval '1 day'
         or (data ->> 'for' in ('leases', 'budget')
           and (runs.state <> 'waiting' or standing ->> 'for' is distinct from data ->> 'for')))`,
    [days.tried],
  );
  await rows(db, `delete from webhook_outbox where ended_at <= clock_timestamp() - $1 * interval '1 day'`, [days.kept]);
}

export async function endDelivery(db: Database, { run, sequence }: Delivery, outcome: string): Promise<void> {
  await rows(
    db,
    'update webhook_outbox set ended_at = clock_timestamp(), outcome = $3 where run = $1 and sequence = $2',
    [run, sequence, storableText(outcome)],
  );
}

/** Tries again after so many seconds. */
export async function putOffDelivery(db: Database, delivery: Delivery, seconds: number, why: string): Promise<void> {
  await rows(
    db,
    `update webhook_outbox set due_at = clock_timestamp() + $3 * interval '1 second', outcome = $4
     where run = $1 and sequence = $2 and ended_at is null`,
    [delivery.run, delivery.sequence, seconds, storableText(why)],
  );
}

/** Where no webhook is set, there is nobody to tell, now or later. */
export async function dropDeliveries(db: Database): Promise<void> {
  await rows(db, 'delete from webhook_outbox where ended_at is null');
}
