import { readOutput, type OutputName } from '../../database/output.js';
import { Problem } from './problem.js';
import type { Records } from './records.js';

/** Bytes fetched from Postgres at a time, so that a long output does not fill the memory. */
const stretch = 1024 * 1024;

/** A part of a stream of output, ready to be sent. `end` is exclusive. */
export interface OutputRange {
  readonly from: number;
  readonly end: number;
  /** All bytes that the stream has had so far. */
  readonly total: number;
  /** How many of those, at the end, were dropped because the task had reached its limit. */
  readonly dropped: number;
  bytes(): AsyncGenerator<Uint8Array>;
}

/**
 * Finds the bytes that a `Range` header asks for; all that is kept where there is none.
 *
 * @throws Problem `request/range` where there are no such bytes (yet)
 */
export async function rangeOf({ database }: Records, name: OutputName, header?: string): Promise<OutputRange> {
  const { end: total, dropped } = await readOutput(database, name, 0, 0);
  const kept = total - dropped;
  const [from, end] = header === undefined ? [0, kept] : asked(header, kept);
  async function* bytes(): AsyncGenerator<Uint8Array> {
    for (let at = from; at < end;) {
      const part = await readOutput(database, name, at, Math.min(stretch, end - at));
      if (part.bytes.length === 0) return;
      yield part.bytes;
      at += part.bytes.length;
    }
  }
  return { from, end, total, dropped, bytes };
}

/** `bytes=a-b`, `bytes=a-` or `bytes=-n` (RFC 9110); one range only. */
function asked(header: string, kept: number): [from: number, end: number] {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim()) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) {
    throw new Problem('request/invalid', 'Range must be one range, such as bytes=0-499 or bytes=500-');
  }
  const from = first === '' ? Math.max(0, kept - Number(last)) : Number(first);
  const end = first === '' || last === '' ? kept : Math.min(kept, Number(last) + 1);
  if (from >= end) throw beyond(kept);
  return [from, end];
}

function beyond(kept: number): Problem {
  return new Problem('request/range', `the output has ${kept} bytes so far`, [], {
    'content-range': `bytes */${kept}`,
  });
}
