/** One record of a file: a line, or several that belong together. */
export interface FileRecord {
  /** Its first byte, from where the bytes begin. */
  readonly start: number;
  readonly text: string;
  /** Bytes that were left out at its end. */
  readonly cut: number;
}

export interface Split {
  readonly records: readonly FileRecord[];
  /** Bytes that belong to records that are whole; what comes after them is to be read again, with more behind it. */
  readonly consumed: number;
}

/** How records are told apart. */
export interface SplitRule {
  /** Whether a line begins a record; every line does where absent. */
  readonly begins?: (line: string) => boolean;
  /** The last record has rested for so long that no line of it will follow. */
  readonly settled: boolean;
  /** Nothing will follow at all, so that a line without an end is one, too. */
  readonly ended: boolean;
}

/** Bytes of a record that are kept. */
export const recordLimit = 65_536;
/** Bytes after which a record is taken to be over, whatever follows. */
export const recordPatience = 1024 * 1024;
/** Characters of a line that say whether it begins a record. */
const beginning = 512;
const lineFeed = 10;

/** Cuts what was read of a file into records. NUL characters and records of blanks alone are left out. */
export function splitRecords(bytes: Uint8Array, rule: SplitRule): Split {
  const decoder = new TextDecoder();
  const records: FileRecord[] = [];
  let start = 0;
  const close = (end: number): void => {
    const kept = Math.min(end, start + recordLimit);
    const text = decoder.decode(bytes.subarray(start, kept)).replaceAll('\0', '').trimEnd();
    if (text.trim() !== '') records.push({ start, text, cut: end - kept });
    start = end;
  };
  const opens = (from: number, to: number): boolean =>
    rule.begins === undefined || rule.begins(decoder.decode(bytes.subarray(from, Math.min(to, from + beginning))));
  let line = 0;
  for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, line)) {
    if (line > start && opens(line, end)) close(line);
    line = end + 1;
  }
  // A line without an end may say already that it begins another record.
  if (line > start && bytes.length > line && opens(line, bytes.length)) close(line);
  if (line > start && (rule.settled || rule.ended || rule.begins === undefined)) close(line);
  if (rule.ended && bytes.length > start) close(bytes.length);
  if (start === 0 && bytes.length >= recordPatience) close(bytes.length);
  return { records, consumed: start };
}
