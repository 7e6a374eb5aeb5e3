import type { FoundFile } from '../../model/collect/follow-files.js';
import { Failed } from '../../model/failure.js';
import { failureOf, type Attempt } from './attempt.js';
import type { RecordsOf } from './records-of.js';

/** Bytes that are asked for at once. */
const stretch = 256 * 1024;
/** Seconds without a change after which no further line of the last record is awaited, and after which none of the file. */
const settled = 10;
const over = 3600;
/** The same for a file that was set aside: who wrote it may still do so for a moment. */
const overAside = 60;

/** What all files of a source are read with. */
export interface Reading {
  readonly attempt: Attempt;
  readonly source: number;
  /** Milliseconds since 1970: then what is left is left for the next step. */
  readonly until: number;
  readonly records: RecordsOf;
}

/** How far one file may be read. */
export interface ReadLimit {
  readonly most: number;
  /** It has another name than before, so that others write elsewhere. */
  readonly aside: boolean;
  /** Seconds since it was changed last. */
  readonly rest: number;
}

interface Read {
  readonly records: number;
  readonly bytes: number;
  readonly behind: number;
}

/**
 * Reads on in a file, a stretch at a time, and keeps each with the position behind it: whoever is killed in between has
 * neither lost nor doubled anything. At most two stretches and one unfinished record are in memory.
 */
export async function readFile(
  reading: Reading,
  file: { readonly id: number; readonly position: number; readonly ended: boolean; readonly found: FoundFile },
  limit: ReadLimit,
): Promise<Read> {
  const { found } = file;
  const end = found.size ?? Infinity;
  if (found.size === undefined ? file.ended : end <= file.position) return { records: 0, bytes: 0, behind: 0 };
  let position = file.position;
  let held: Uint8Array = new Uint8Array();
  let records = 0;
  let behind = false;
  for (;;) {
    const from = position + held.length;
    behind = mayNotGoOn(reading, from - file.position >= limit.most);
    if (behind) break;
    const asked = Math.min(stretch, end - from);
    const bytes = await reading.attempt.session.stretch(found, from, asked);
    // Another file has that name now; what this one still holds is found when it is looked for again.
    if (!bytes) return { records, bytes: position - file.position, behind: Math.max(1, left(end, position)) };
    held = Buffer.concat([held, bytes]);
    const last = bytes.length < asked || from + bytes.length >= end;
    const kept = await keep(reading, file.id, position, held, {
      settled: last && limit.rest >= settled,
      ended: last && limit.rest >= (limit.aside ? overAside : over),
    });
    records += kept.records;
    position += kept.consumed;
    held = held.subarray(kept.consumed);
    if (last) break;
  }
  return { records, bytes: position - file.position, behind: behind ? Math.max(1, left(end, position)) : 0 };
}

async function keep(
  { attempt, source, records }: Reading,
  file: number,
  from: number,
  bytes: Uint8Array,
  rest: { readonly settled: boolean; readonly ended: boolean },
): Promise<{ readonly records: number; readonly consumed: number }> {
  const read = records(bytes, from, rest);
  if (read.consumed === 0) return { records: 0, consumed: 0 };
  const stored = await attempt.needs.collection.keepRecords({
    source,
    file,
    from,
    to: from + read.consumed,
    records: read.records,
  });
  return { records: stored, consumed: read.consumed };
}

function left(end: number, position: number): number {
  return end === Infinity ? 0 : end - position;
}

/** @throws Failed where it was cancelled; what was kept until then stays, and is not read again */
function mayNotGoOn({ attempt, until }: Reading, enough: boolean): boolean {
  // Another worker looks after it now.
  attempt.detached.throwIfAborted();
  if (!attempt.signal.aborted) return enough || Date.now() > until;
  throw new Failed(
    failureOf(
      attempt,
      'step/cancelled',
      'it was cancelled; what had been collected is kept, and nothing was changed',
      'resume or retry: it goes on there',
    ),
  );
}
