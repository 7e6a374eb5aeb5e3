import { EntitySchema } from 'typeorm';
import type { Plan } from '../../model/plan.js';
import type { RunState } from '../../model/states.js';
import type { Value } from '../../model/value.js';
import type { StoredSources } from '../contents.js';
import { bigint, bytes, integer, json, key, now, nullable, refers, text, time } from './columns.js';

export interface PlanRow {
  hash: string;
  plan: Plan;
  stored_at: Date;
}

export const plansTable = new EntitySchema<PlanRow>({
  name: 'plans',
  columns: { hash: key(text, 'plans_key'), plan: json, stored_at: now },
});

/** Large files, by their digest. */
export const planFilesTable = new EntitySchema<{ sha256: string; bytes: Buffer }>({
  name: 'plan_files',
  columns: { sha256: key(text, 'plan_files_key'), bytes },
});

export const planSourcesTable = new EntitySchema<{ plan_hash: string; sources: StoredSources }>({
  name: 'plan_sources',
  columns: { plan_hash: key(text, 'plan_sources_key'), sources: json },
  foreignKeys: [refers('plan_sources_plan', 'plans', ['plan_hash'], ['hash'])],
});

export interface RunRow {
  run: string;
  number: number;
  plan_hash: string;
  runbook: string;
  state: RunState;
  standing: Record<string, Value>;
  started_by: string;
  idempotency_key: string;
  request_digest: string;
  started_at: Date;
  changed_at: Date;
  ended_at: Date | null;
  last_event: number;
  leases_since: Date | null;
  tenure: number;
  archived_at: Date | null;
  live_plan: string | null;
  live_checked_at: Date | null;
}

export const runsTable = new EntitySchema<RunRow>({
  name: 'runs',
  columns: {
    run: key(text, 'runs_key'),
    number: { ...bigint, generated: 'increment' },
    plan_hash: text,
    runbook: text,
    state: text,
    standing: { ...json, default: {} },
    started_by: text,
    idempotency_key: text,
    request_digest: text,
    started_at: now,
    changed_at: now,
    ended_at: nullable(time),
    last_event: { ...bigint, default: 0 },
    leases_since: nullable(time),
    tenure: { ...integer, default: 0 },
    archived_at: nullable(time),
    live_plan: nullable(text),
    live_checked_at: nullable(time),
  },
  uniques: [
    { name: 'runs_number', columns: ['number'] },
    { name: 'runs_idempotency', columns: ['idempotency_key'] },
  ],
  indices: [{ name: 'runs_open', columns: ['number'], where: '"ended_at" IS NULL' }],
  foreignKeys: [refers('runs_plan', 'plans', ['plan_hash'], ['hash'])],
});

export interface PlanChangeRow {
  run: string;
  number: number;
  from_hash: string;
  to_hash: string;
  changed_by: string;
  because: string;
  at: Date;
}

export const planChangesTable = new EntitySchema<PlanChangeRow>({
  name: 'plan_changes',
  columns: {
    run: key(text, 'plan_changes_key'),
    number: key(integer, 'plan_changes_key'),
    from_hash: text,
    to_hash: text,
    changed_by: text,
    because: text,
    at: now,
  },
  foreignKeys: [
    refers('plan_changes_run', 'runs', ['run']),
    refers('plan_changes_from', 'plans', ['from_hash'], ['hash']),
    refers('plan_changes_to', 'plans', ['to_hash'], ['hash']),
  ],
});

export interface FinishedPhaseRow {
  run: string;
  phase: number;
  finished_at: Date;
}

export const finishedPhasesTable = new EntitySchema<FinishedPhaseRow>({
  name: 'finished_phases',
  columns: { run: key(text, 'finished_phases_key'), phase: key(integer, 'finished_phases_key'), finished_at: now },
  foreignKeys: [refers('finished_phases_run', 'runs', ['run'])],
});

export interface EventRow {
  run: string;
  sequence: number;
  at: Date;
  kind: string;
  data: Record<string, Value>;
}

export const eventsTable = new EntitySchema<EventRow>({
  name: 'events',
  columns: { run: key(text, 'events_key'), sequence: key(bigint, 'events_key'), at: now, kind: text, data: json },
  foreignKeys: [refers('events_run', 'runs', ['run'])],
});

export interface LeaseRow {
  machine: string;
  run: string;
  since: Date;
}

export const leasesTable = new EntitySchema<LeaseRow>({
  name: 'leases',
  columns: { machine: key(text, 'leases_key'), run: text, since: now },
  indices: [{ name: 'leases_by_run', columns: ['run'] }],
  foreignKeys: [refers('leases_run', 'runs', ['run'])],
});

export interface LeaseQueueRow {
  run: string;
  place: number;
  since: Date;
}

export const leaseQueueTable = new EntitySchema<LeaseQueueRow>({
  name: 'lease_queue',
  columns: { run: key(text, 'lease_queue_key'), place: { ...bigint, generated: 'increment' }, since: now },
  uniques: [{ name: 'lease_queue_place', columns: ['place'] }],
  foreignKeys: [refers('lease_queue_run', 'runs', ['run'])],
});

export const holdersTable = new EntitySchema<{ machine: string; holder: number }>({
  name: 'holders',
  columns: { machine: key(text, 'holders_key'), holder: bigint },
});
