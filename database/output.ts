import type { EntityManager } from 'typeorm';
import type { Part } from '../model/operation.js';
import type { TaskName } from '../model/record.js';
import type { Database } from './connect.js';
import { row, rows, transaction } from './query.js';
import { OutputGap } from './refusals.js';
import { appendEvents, channels } from './write-events.js';

export interface OutputName extends TaskName {
  readonly attempt: number;
  readonly part: Part | 'present';
  readonly stream: 'stdout' | 'stderr';
  /** For output of an undo: its number, because two undos go back over the same attempt. */
  readonly undo?: number;
}

/** Bytes of output kept a task; the rest is counted. */
export const outputLimit = 256 * 1024 * 1024;

interface StreamRow {
  readonly id: number;
  /** All bytes that came, and how many of them, from the beginning, were kept. */
  readonly seen: number;
  readonly kept: number;
}

const named = 'run = $1 and step = $2 and host = $3 and attempt = $4 and part = $5 and undo = $6 and stream = $7';

function nameOf({ run, step, host, attempt, part, undo, stream }: OutputName): unknown[] {
  return [run, step, host, attempt, part, undo ?? 0, stream];
}

/**
 * Adds output at its place in the stream. Bytes that came before are skipped; above the task's limit bytes are
 * counted and dropped, and an event says so once.
 *
 * @throws OutputGap
 */
export async function appendOutput(
  db: Database,
  chunk: OutputName & { readonly offset: number; readonly bytes: Uint8Array },
  limit: number = outputLimit,
): Promise<void> {
  await transaction(db, async (manager) => {
    const task = await lockOutput(manager, chunk);
    const stream = await lockStream(manager, chunk);
    if (chunk.offset > stream.seen) throw new OutputGap(stream.seen, chunk.offset);
    const fresh = chunk.bytes.subarray(stream.seen - chunk.offset);
    if (fresh.length === 0) return;
    const room = stream.kept < stream.seen ? 0 : Math.max(0, limit - task.kept);
    await store(manager, chunk.run, stream, fresh, Math.min(room, fresh.length));
    if (fresh.length > room && task.kept === task.seen)
      await appendEvents(manager, chunk.run, [{ kind: 'output-full', data: { step: chunk.step, host: chunk.host } }]);
  });
}

/** One writer a task at a time, so that the limit over all its streams is kept to the byte. */
async function lockOutput(
  manager: EntityManager,
  { run, step, host }: TaskName,
): Promise<{ seen: number; kept: number }> {
  await rows(manager, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, [JSON.stringify([run, step, host])]);
  const task = await row<{ seen: number; kept: number }>(
    manager,
    `select coalesce(sum(seen), 0)::bigint as seen, coalesce(sum(kept), 0)::bigint as kept from output_streams
     where run = $1 and step = $2 and host = $3`,
    [run, step, host],
  );
  return task ?? { seen: 0, kept: 0 };
}

async function lockStream(manager: EntityManager, name: OutputName): Promise<StreamRow> {
  const stream = await row<StreamRow>(
    manager,
    `insert into output_streams (run, step, host, attempt, part, undo, stream) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict on constraint output_streams_name do update set seen = output_streams.seen
     returning id, seen, kept`,
    nameOf(name),
  );
  if (!stream) throw new Error('the output stream was not written');
  return stream;
}

async function store(
  manager: EntityManager,
  run: string,
  stream: StreamRow,
  fresh: Uint8Array,
  keep: number,
): Promise<void> {
  if (keep > 0)
    await rows(manager, 'insert into output_chunks (stream, start, bytes) values ($1, $2, $3)', [
      stream.id,
      stream.kept,
      Buffer.from(fresh.subarray(0, keep)),
    ]);
  await rows(
    manager,
    `with counted as (update output_streams set seen = seen + $2, kept = kept + $3 where id = $1)
     select pg_notify('${channels.output}', $4)`,
    [stream.id, fresh.length, keep, run],
  );
}

/** The byte at which the stream goes on: all that came so far, what was dropped included. */
export async function outputEnd(db: Database, name: OutputName): Promise<number> {
  return (await streamRow(db, name))?.seen ?? 0;
}

async function streamRow(db: Database, name: OutputName): Promise<StreamRow | undefined> {
  return row<StreamRow>(db, `select id, seen, kept from output_streams where ${named}`, nameOf(name));
}

export interface OutputStretch {
  readonly bytes: Uint8Array;
  /** All bytes that the stream has had so far. */
  readonly end: number;
  /** How many of them, at the end, were dropped because the task had reached its limit. */
  readonly dropped: number;
}

/** At most `limit` bytes of a stream from byte `from` on. */
export async function readOutput(db: Database, name: OutputName, from: number, limit: number): Promise<OutputStretch> {
  const stream = await streamRow(db, name);
  if (!stream) return { bytes: new Uint8Array(0), end: 0, dropped: 0 };
  const until = Math.min(from + limit, stream.kept);
  const pieces = await rows<{ piece: Buffer }>(
    db,
    `select substring(bytes from greatest($2 - start, 0)::integer + 1
       for (least($3, start + length(bytes)) - greatest($2, start))::integer) as piece
     from output_chunks
     where stream = $1 and start < $3 and start + length(bytes) > $2
       -- The chunk that holds byte $2 is the last one that starts at or before it.
       and start >= coalesce((select max(start) from output_chunks where stream = $1 and start <= $2), 0)
     order by start`,
    [stream.id, from, until],
  );
  return {
    bytes: Buffer.concat(pieces.map(({ piece }) => piece)),
    end: stream.seen,
    dropped: stream.seen - stream.kept,
  };
}

/** Which streams a task has output in, oldest attempt first. */
export async function listOutputs(
  db: Database,
  task: TaskName,
): Promise<(OutputName & { end: number; dropped: number })[]> {
  const found = await rows<Required<OutputName> & StreamRow>(
    db,
    'select * from output_streams where run = $1 and step = $2 and host = $3 order by attempt, undo, id',
    [task.run, task.step, task.host],
  );
  return found.map(({ run, step, host, attempt, part, stream, undo, seen, kept }) => ({
    ...{ run, step, host, attempt, part, stream, undo },
    end: seen,
    dropped: seen - kept,
  }));
}
