import { EntitySchema } from 'typeorm';
import type { Value } from '../../model/value.js';
import { bigint, integer, json, key, now, nullable, refers, text, time } from './columns.js';

export interface WebhookRow {
  run: string;
  sequence: number;
  type: string;
  data: Record<string, Value>;
  at: Date;
  attempts: number;
  due_at: Date;
  ended_at: Date | null;
  outcome: string | null;
}

export const webhookTable = new EntitySchema<WebhookRow>({
  name: 'webhook_outbox',
  columns: {
    run: key(text, 'webhook_outbox_key'),
    sequence: key(bigint, 'webhook_outbox_key'),
    type: text,
    data: json,
    at: now,
    attempts: { ...integer, default: 0 },
    due_at: time,
    ended_at: nullable(time),
    outcome: nullable(text),
  },
  indices: [{ name: 'webhook_outbox_due', columns: ['due_at'], where: '"ended_at" IS NULL' }],
  foreignKeys: [refers('webhook_outbox_run', 'runs', ['run'])],
});
