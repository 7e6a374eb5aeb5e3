import type { Migration } from './migration.js';

export const collected: Migration = {
  number: 15,
  name: 'collected',
  up: `
    -- What is collected of one machine under one name: records of files, or numbers.
    create table collected_sources (
      id bigserial constraint collected_sources_key primary key,
      machine text not null,
      kind text not null,
      source text not null,
      -- The machine's name in the inventory of whoever collected last.
      host text not null,
      labels jsonb not null,
      -- Seconds for which it is kept, and between two collections that are meant to be regular.
      keep bigint not null,
      every bigint,
      -- Which files were looked for last.
      patterns jsonb,
      first_at timestamptz not null default now(),
      looked_at timestamptz not null default now(),
      -- Bytes that were seen and not read yet.
      behind bigint not null default 0,
      -- What was deleted because its time was over, and when that was looked at last.
      deleted bigint not null default 0,
      deleted_at timestamptz,
      reviewed_at timestamptz not null default now(),
      constraint collected_sources_name unique (machine, kind, source)
    );

    -- Files, and how far each was read. The digest of its first bytes tells a file from others whatever it is called.
    create table collected_files (
      id bigserial constraint collected_files_key primary key,
      source bigint not null constraint collected_files_source references collected_sources,
      born text not null,
      path text not null,
      inode text not null,
      position bigint not null,
      head_size integer not null,
      head_sha256 text not null,
      ended boolean not null,
      gone boolean not null default false,
      seen_at timestamptz not null default now()
    );
    create index collected_files_of on collected_files (source);

    -- A record is named by its file and its first byte there, so that it cannot be kept twice.
    create table collected_lines (
      file bigint not null constraint collected_lines_file references collected_files,
      position bigint not null,
      source bigint not null constraint collected_lines_source references collected_sources,
      at timestamptz not null,
      text text not null,
      cut bigint not null,
      constraint collected_lines_key primary key (file, position)
    );
    create index collected_lines_by_time on collected_lines (source, at, file, position);

    -- Where something may be missing.
    create table collected_gaps (
      id bigserial constraint collected_gaps_key primary key,
      source bigint not null constraint collected_gaps_source references collected_sources,
      path text not null,
      since timestamptz not null,
      until timestamptz not null default now(),
      because text not null
    );
    create index collected_gaps_of on collected_gaps (source, until);

    create table collected_values (
      source bigint not null constraint collected_values_source references collected_sources,
      name text not null,
      at timestamptz not null,
      value double precision not null,
      constraint collected_values_key primary key (source, name, at)
    );
    create index collected_values_by_time on collected_values (source, at);
  `,
};
