import { EntitySchema } from 'typeorm';
import type { Look } from '../../model/live/look.js';
import { json, key, now, nullable, refers, text, time } from './columns.js';

export interface LivePlanRow {
  live: string;
  plan_hash: string;
  made_by: string;
  begun_at: Date;
  ended_at: Date | null;
  hash: string | null;
}

export const livePlansTable = new EntitySchema<LivePlanRow>({
  name: 'live_plans',
  columns: {
    live: key(text, 'live_plans_key'),
    plan_hash: text,
    made_by: text,
    begun_at: now,
    ended_at: nullable(time),
    hash: nullable(text),
  },
  indices: [{ name: 'live_plans_by_plan', columns: ['plan_hash', 'hash'] }],
  foreignKeys: [refers('live_plans_plan', 'plans', ['plan_hash'], ['hash'])],
});

export interface LiveLookRow {
  live: string;
  step: string;
  host: string;
  look: Look;
}

export const liveLooksTable = new EntitySchema<LiveLookRow>({
  name: 'live_looks',
  columns: {
    live: key(text, 'live_looks_key'),
    step: key(text, 'live_looks_key'),
    host: key(text, 'live_looks_key'),
    look: json,
  },
  foreignKeys: [refers('live_looks_plan', 'live_plans', ['live'])],
});
