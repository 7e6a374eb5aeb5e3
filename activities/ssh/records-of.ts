import { recordMask } from '../../model/collect/mask-record.js';
import { splitRecords, type FileRecord, type Split } from '../../model/collect/split-records.js';
import { timeOf, type ReadAt, type TimeFormat } from '../../model/collect/time-of.js';
import { maskOf } from '../../model/mask.js';
import { finder } from '../../model/pattern.js';
import type { KeptRecord } from '../../model/collect/source.js';

/** How the records of a source are told apart, dated and masked. */
export interface RecordRules {
  readonly begins: string | undefined;
  readonly only: string | undefined;
  readonly masks: readonly string[];
  readonly hidden: readonly string[];
  readonly time: TimeFormat;
  readonly at: ReadAt;
}

/** What is read of a file, as it may be kept; `position` is where its first byte lies. */
export type RecordsOf = (
  bytes: Uint8Array,
  position: number,
  rest: { readonly settled: boolean; readonly ended: boolean },
) => { readonly records: readonly KeptRecord[]; readonly consumed: number };

/** Masked twice: what is known to be secret, and what looks as if it were. */
export function recordsOf({ begins, only, masks, hidden, time, at }: RecordRules): RecordsOf {
  const hide = hidden.length > 0 ? maskOf(hidden) : undefined;
  const mask = recordMask(masks);
  const opens = begins === undefined ? {} : { begins: finder(begins) };
  const wanted = only === undefined ? () => true : finder(only);
  return (bytes, position, rest) => {
    const { records, consumed }: Split = splitRecords(bytes, { ...opens, ...rest });
    return { consumed, records: inOrder(records.filter(({ text }) => wanted(text)).map(kept)) };
    function kept({ start, text, cut }: FileRecord): KeptRecord {
      const said = timeOf(text, time, at);
      const masked = mask(hide ? hide.text(text) : text);
      return { position: position + start, text: masked, cut, ...(said !== undefined && { at: said }) };
    }
  };
}

/** A record that says no time has that of the one before. */
function inOrder(records: readonly KeptRecord[]): KeptRecord[] {
  let last: number | undefined;
  return records.map((record) => {
    last = record.at ?? last;
    return last === undefined ? record : { ...record, at: last };
  });
}
