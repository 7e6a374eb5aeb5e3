import { EntitySchema } from 'typeorm';
import type { Failure } from '../../model/failure.js';
import type { UndoOutcome, Verb, VerbArguments } from '../../model/record.js';
import { bigint, bytes, integer, json, key, now, nullable, refers, text, time, truth } from './columns.js';

export interface GateRow {
  run: string;
  phase: number;
  wanted: number;
  asked_at: Date | null;
  deadline: Date | null;
  opened_at: Date | null;
  votes_since: Date | null;
}

export const gatesTable = new EntitySchema<GateRow>({
  name: 'gates',
  columns: {
    run: key(text, 'gates_key'),
    phase: key(integer, 'gates_key'),
    wanted: integer,
    asked_at: nullable(time),
    deadline: nullable(time),
    opened_at: nullable(time),
    votes_since: nullable(time),
  },
  foreignKeys: [refers('gates_run', 'runs', ['run'])],
});

export interface VerbRow {
  id: string;
  run: string;
  verb: Verb;
  arguments: VerbArguments;
  said_by: string;
  idempotency_key: string | null;
  at: Date;
  delivered_at: Date | null;
  settled_at: Date | null;
  accepted: boolean | null;
  because: string | null;
}

export const verbsTable = new EntitySchema<VerbRow>({
  name: 'verbs',
  columns: {
    id: key(text, 'verbs_key'),
    run: text,
    verb: text,
    arguments: json,
    said_by: text,
    idempotency_key: nullable(text),
    at: now,
    delivered_at: nullable(time),
    settled_at: nullable(time),
    accepted: nullable(truth),
    because: nullable(text),
  },
  uniques: [{ name: 'verbs_idempotency', columns: ['idempotency_key'] }],
  indices: [
    { name: 'verbs_undelivered', columns: ['at'], where: '(("delivered_at" IS NULL) AND ("settled_at" IS NULL))' },
    { name: 'verbs_open', columns: ['run'], where: '(settled_at IS NULL)' },
  ],
  foreignKeys: [refers('verbs_run', 'runs', ['run'])],
});

export const votesTable = new EntitySchema({
  name: 'votes',
  columns: {
    verb: key(text, 'votes_key'),
    run: text,
    phase: integer,
    plan_hash: nullable(text),
    voter: text,
    approves: truth,
    reason: text,
    at: now,
  },
  indices: [{ name: 'votes_by_gate', columns: ['run', 'phase'] }],
  foreignKeys: [refers('votes_verb', 'verbs', ['verb'], ['id']), refers('votes_gate', 'gates', ['run', 'phase'])],
});

export interface UndoRow {
  run: string;
  undo: number;
  started_by: string;
  started_at: Date;
  ended_at: Date | null;
  outcome: 'undone' | 'undo_incomplete' | null;
  back_to: string | null;
  only_host: string | null;
}

export const undosTable = new EntitySchema<UndoRow>({
  name: 'undos',
  columns: {
    run: key(text, 'undos_key'),
    undo: key(integer, 'undos_key'),
    started_by: text,
    started_at: now,
    ended_at: nullable(time),
    outcome: nullable(text),
    back_to: nullable(text),
    only_host: nullable(text),
  },
  indices: [{ name: 'undos_one_open', columns: ['run'], unique: true, where: '"ended_at" IS NULL' }],
  foreignKeys: [refers('undos_run', 'runs', ['run'])],
});

export interface UndoResultRow {
  run: string;
  undo: number;
  step: string;
  host: string;
  outcome: UndoOutcome;
  failure: Failure | null;
  summary: string;
  at: Date;
}

export const undoResultsTable = new EntitySchema<UndoResultRow>({
  name: 'undo_results',
  columns: {
    run: key(text, 'undo_results_key'),
    undo: key(integer, 'undo_results_key'),
    step: key(text, 'undo_results_key'),
    host: key(text, 'undo_results_key'),
    outcome: text,
    failure: nullable(json),
    summary: text,
    at: now,
  },
  foreignKeys: [
    refers('undo_results_undo', 'undos', ['run', 'undo']),
    refers('undo_results_task', 'tasks', ['run', 'step', 'host']),
  ],
});

export interface ExcludedHostRow {
  run: string;
  host: string;
  excluded_by: string;
  because: string;
  at: Date;
}

export const excludedHostsTable = new EntitySchema<ExcludedHostRow>({
  name: 'excluded_hosts',
  columns: {
    run: key(text, 'excluded_hosts_key'),
    host: key(text, 'excluded_hosts_key'),
    excluded_by: text,
    because: text,
    at: now,
  },
  foreignKeys: [refers('excluded_hosts_run', 'runs', ['run'])],
});

export interface AuditRow {
  chain: string;
  sequence: number;
  at: Date;
  kind: string;
  actor: string;
  data: Record<string, unknown>;
  previous: Uint8Array;
  hash: Uint8Array;
}

export const auditTable = new EntitySchema<AuditRow>({
  name: 'audit',
  columns: {
    chain: key(text, 'audit_key'),
    sequence: key(bigint, 'audit_key'),
    at: time,
    kind: text,
    actor: text,
    data: json,
    previous: bytes,
    hash: bytes,
  },
});

export const auditHeadsTable = new EntitySchema({
  name: 'audit_heads',
  columns: { chain: key(text, 'audit_heads_key'), sequence: bigint, hash: bytes },
});
