import type { KnownFile } from './follow-files.js';

/** What is collected of one machine under one name. */
export interface SourceName {
  readonly kind: 'lines' | 'values';
  readonly source: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds for which it is kept. */
  readonly keep: number;
  /** Seconds between two collections, where they are meant to be regular. */
  readonly every?: number;
  /** Which files are looked for. */
  readonly patterns?: readonly string[];
}

/** A source as it stands when it is collected. */
export interface OpenSource {
  readonly id: number;
  /** It was never collected before. */
  readonly fresh: boolean;
  /** The same files were looked for last time: what is not found now has gone. */
  readonly asBefore: boolean;
  readonly files: readonly KnownFile[];
}

/** A file that is there now, as it is to be remembered. */
export interface SeenFile {
  /** Absent for one that is new. */
  readonly id?: number;
  readonly path: string;
  readonly inode: string;
  /** Where a new one is begun. */
  readonly position: number;
  readonly head: { readonly size: number; readonly sha256: string };
  readonly ended: boolean;
}

/** A file that went away: with a gap where some of it may be missing. */
export interface LostFile {
  readonly id: number;
  readonly because?: string;
}

export interface KeptRecord {
  /** Its first byte in its file. */
  readonly position: number;
  /** Milliseconds since 1970; when it was read, where absent. */
  readonly at?: number;
  readonly text: string;
  /** Bytes that were left out. */
  readonly cut: number;
}

/** Records of a stretch of a file. */
export interface KeptStretch {
  readonly source: number;
  readonly file: number;
  readonly from: number;
  readonly to: number;
  readonly records: readonly KeptRecord[];
}
