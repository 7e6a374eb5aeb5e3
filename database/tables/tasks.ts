import { EntitySchema } from 'typeorm';
import type { Failure } from '../../model/failure.js';
import type { Ending, TaskState } from '../../model/states.js';
import type { Value } from '../../model/value.js';
import { bigint, bytes, integer, json, key, now, nullable, refers, text, time, truth } from './columns.js';

const taskName = ['run', 'step', 'host'];
const intentName = [...taskName, 'part', 'undo', 'attempt'];

export interface TaskRow {
  run: string;
  step: string;
  host: string;
  machine: string;
  phase: number;
  wave: number;
  position: number;
  state: TaskState;
  attempt: number;
  holder: number;
  turn: number;
  attempts_before: number;
  settled_by: string | null;
  settled_because: string | null;
  forgotten_at: Date | null;
  disturbs: boolean;
}

export const tasksTable = new EntitySchema<TaskRow>({
  name: 'tasks',
  columns: {
    run: key(text, 'tasks_key'),
    step: key(text, 'tasks_key'),
    host: key(text, 'tasks_key'),
    machine: text,
    phase: integer,
    wave: integer,
    position: integer,
    state: text,
    attempt: { ...integer, default: 0 },
    holder: { ...bigint, default: 0 },
    turn: { ...integer, default: 0 },
    attempts_before: { ...integer, default: 0 },
    settled_by: nullable(text),
    settled_because: nullable(text),
    forgotten_at: nullable(time),
    disturbs: { ...truth, default: false },
  },
  indices: [
    { name: 'tasks_by_wave', columns: ['run', 'phase', 'wave'] },
    { name: 'tasks_by_machine', columns: ['machine'], where: '"forgotten_at" IS NULL' },
  ],
  foreignKeys: [refers('tasks_run', 'runs', ['run'])],
});

export interface IntentRow {
  run: string;
  step: string;
  host: string;
  part: 'do' | 'undo';
  undo: number;
  attempt: number;
  holder: number;
  nonce: string;
  boot_id: string;
  tenure: number;
  at: Date;
}

export const intentsTable = new EntitySchema<IntentRow>({
  name: 'intents',
  columns: {
    run: key(text, 'intents_key'),
    step: key(text, 'intents_key'),
    host: key(text, 'intents_key'),
    part: key(text, 'intents_key'),
    undo: key(integer, 'intents_key'),
    attempt: key(integer, 'intents_key'),
    holder: bigint,
    nonce: text,
    boot_id: text,
    tenure: integer,
    at: now,
  },
  foreignKeys: [refers('intents_task', 'tasks', taskName)],
});

export interface ResultRow {
  run: string;
  step: string;
  host: string;
  attempt: number;
  ending: Ending;
  exit: number | null;
  milliseconds: number;
  summary: string;
  failure: Failure | null;
  registered: Record<string, Value>;
  pre_image: string | null;
  post_image: string | null;
  at: Date;
}

export const resultsTable = new EntitySchema<ResultRow>({
  name: 'results',
  columns: {
    run: key(text, 'results_key'),
    step: key(text, 'results_key'),
    host: key(text, 'results_key'),
    attempt: key(integer, 'results_key'),
    ending: text,
    exit: nullable(integer),
    milliseconds: bigint,
    summary: text,
    failure: nullable(json),
    registered: json,
    pre_image: nullable(text),
    post_image: nullable(text),
    at: now,
  },
  foreignKeys: [refers('results_task', 'tasks', taskName)],
});

export interface RenderedRow {
  run: string;
  step: string;
  host: string;
  holds: boolean;
  values: Record<string, Value>;
  hash: string;
}

export const renderedTable = new EntitySchema<RenderedRow>({
  name: 'rendered',
  columns: {
    run: key(text, 'rendered_key'),
    step: key(text, 'rendered_key'),
    host: key(text, 'rendered_key'),
    holds: truth,
    values: json,
    hash: text,
  },
  foreignKeys: [refers('rendered_task', 'tasks', taskName)],
});

export const owedRestartsTable = new EntitySchema({
  name: 'owed_restarts',
  columns: {
    id: { ...key(bigint, 'owed_restarts_key'), generated: 'increment' },
    machine: text,
    service: text,
    run: text,
    step: text,
    host: text,
    part: text,
    undo: integer,
    attempt: integer,
    owed_at: now,
    paid_at: nullable(time),
    paid_by: nullable(text),
  },
  uniques: [{ name: 'owed_restarts_once', columns: [...intentName, 'service'] }],
  indices: [{ name: 'owed_restarts_open', columns: ['machine', 'service'], where: '"paid_at" IS NULL' }],
  foreignKeys: [refers('owed_restarts_intent', 'intents', intentName)],
});

export interface PreImageRow {
  run: string;
  step: string;
  host: string;
  attempt: number;
  sealed: Uint8Array;
  at: Date;
}

export const preImagesTable = new EntitySchema<PreImageRow>({
  name: 'pre_images',
  columns: {
    run: key(text, 'pre_images_key'),
    step: key(text, 'pre_images_key'),
    host: key(text, 'pre_images_key'),
    attempt: integer,
    sealed: bytes,
    at: now,
  },
  foreignKeys: [refers('pre_images_task', 'tasks', taskName)],
});

export interface TransactionRow {
  part: 'do' | 'undo';
  undo: number;
  attempt: number;
  cluster: string;
  transaction: string;
}

export const transactionsTable = new EntitySchema({
  name: 'transactions',
  columns: {
    id: { ...key(bigint, 'transactions_key'), generated: 'increment' },
    run: text,
    step: text,
    host: text,
    part: text,
    undo: integer,
    attempt: integer,
    cluster: text,
    transaction: text,
    at: now,
  },
  uniques: [{ name: 'transactions_once', columns: [...intentName, 'cluster', 'transaction'] }],
  foreignKeys: [refers('transactions_intent', 'intents', intentName)],
});

const outputName = [...taskName, 'attempt', 'part', 'undo', 'stream'];

export const outputStreamsTable = new EntitySchema({
  name: 'output_streams',
  columns: {
    id: { ...key(bigint, 'output_streams_key'), generated: 'increment' },
    run: text,
    step: text,
    host: text,
    attempt: integer,
    part: text,
    undo: integer,
    stream: text,
    seen: { ...bigint, default: 0 },
    kept: { ...bigint, default: 0 },
  },
  uniques: [{ name: 'output_streams_name', columns: outputName }],
  foreignKeys: [refers('output_streams_task', 'tasks', taskName)],
});

export const outputChunksTable = new EntitySchema({
  name: 'output_chunks',
  columns: { stream: key(bigint, 'output_chunks_key'), start: key(bigint, 'output_chunks_key'), bytes },
  foreignKeys: [refers('output_chunks_stream', 'output_streams', ['stream'], ['id'])],
});
