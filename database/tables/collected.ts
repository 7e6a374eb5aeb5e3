import { EntitySchema } from 'typeorm';
import { bigint, integer, json, key, now, nullable, refers, text, time, truth } from './columns.js';

export interface SourceRow {
  id: number;
  machine: string;
  kind: 'lines' | 'values';
  source: string;
  host: string;
  labels: Record<string, string>;
  keep: number;
  every: number | null;
  patterns: readonly string[] | null;
  first_at: Date;
  looked_at: Date;
  behind: number;
  deleted: number;
  deleted_at: Date | null;
  reviewed_at: Date;
}

export const sourcesTable = new EntitySchema<SourceRow>({
  name: 'collected_sources',
  columns: {
    id: { ...key(bigint, 'collected_sources_key'), generated: 'increment' },
    machine: text,
    kind: text,
    source: text,
    host: text,
    labels: json,
    keep: bigint,
    every: nullable(bigint),
    patterns: nullable(json),
    first_at: now,
    looked_at: now,
    behind: { ...bigint, default: 0 },
    deleted: { ...bigint, default: 0 },
    deleted_at: nullable(time),
    reviewed_at: now,
  },
  uniques: [{ name: 'collected_sources_name', columns: ['machine', 'kind', 'source'] }],
});

export interface FileRow {
  id: number;
  source: number;
  born: string;
  path: string;
  inode: string;
  position: number;
  head_size: number;
  head_sha256: string;
  ended: boolean;
  gone: boolean;
  seen_at: Date;
}

export const filesTable = new EntitySchema<FileRow>({
  name: 'collected_files',
  columns: {
    id: { ...key(bigint, 'collected_files_key'), generated: 'increment' },
    source: bigint,
    born: text,
    path: text,
    inode: text,
    position: bigint,
    head_size: integer,
    head_sha256: text,
    ended: truth,
    gone: { ...truth, default: false },
    seen_at: now,
  },
  indices: [{ name: 'collected_files_of', columns: ['source'] }],
  foreignKeys: [refers('collected_files_source', 'collected_sources', ['source'], ['id'])],
});

export interface LineRow {
  file: number;
  position: number;
  source: number;
  at: Date;
  text: string;
  cut: number;
}

export const linesTable = new EntitySchema<LineRow>({
  name: 'collected_lines',
  columns: {
    file: key(bigint, 'collected_lines_key'),
    position: key(bigint, 'collected_lines_key'),
    source: bigint,
    at: time,
    text: text,
    cut: bigint,
  },
  indices: [{ name: 'collected_lines_by_time', columns: ['source', 'at', 'file', 'position'] }],
  foreignKeys: [
    refers('collected_lines_file', 'collected_files', ['file'], ['id']),
    refers('collected_lines_source', 'collected_sources', ['source'], ['id']),
  ],
});

export interface GapRow {
  id: number;
  source: number;
  path: string;
  since: Date;
  until: Date;
  because: string;
}

export const gapsTable = new EntitySchema<GapRow>({
  name: 'collected_gaps',
  columns: {
    id: { ...key(bigint, 'collected_gaps_key'), generated: 'increment' },
    source: bigint,
    path: text,
    since: time,
    until: now,
    because: text,
  },
  indices: [{ name: 'collected_gaps_of', columns: ['source', 'until'] }],
  foreignKeys: [refers('collected_gaps_source', 'collected_sources', ['source'], ['id'])],
});

export interface ValueRow {
  source: number;
  name: string;
  at: Date;
  value: number;
}

export const valuesTable = new EntitySchema<ValueRow>({
  name: 'collected_values',
  columns: {
    source: key(bigint, 'collected_values_key'),
    name: key(text, 'collected_values_key'),
    at: key(time, 'collected_values_key'),
    value: { type: 'double precision' },
  },
  indices: [{ name: 'collected_values_by_time', columns: ['source', 'at'] }],
  foreignKeys: [refers('collected_values_source', 'collected_sources', ['source'], ['id'])],
});
