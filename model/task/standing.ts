import type { Result, Standing } from '../record.js';

/** What workflows are told of a result. */
export function standingOf({ host, attempt, ending, milliseconds, summary, exit }: Result): Standing {
  return { host, attempt, ending, milliseconds, summary, ...(exit === undefined ? {} : { exit }) };
}

/** At most 512 bytes of UTF-8, cut between characters, not within one. */
export function shortSummary(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text).subarray(0, 512)).replace(/�+$/, '');
}
