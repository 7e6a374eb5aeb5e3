import type { Migration } from './migration.js';

export const output: Migration = {
  number: 3,
  name: 'output',
  up: `
    create table output_streams (
      id bigserial constraint output_streams_key primary key,
      run text not null,
      step text not null,
      host text not null,
      attempt integer not null,
      part text not null,
      undo integer not null,
      stream text not null,
      -- All bytes that came, and how many of them, from the beginning, were kept.
      seen bigint not null default 0,
      kept bigint not null default 0,
      constraint output_streams_name unique (run, step, host, attempt, part, undo, stream),
      constraint output_streams_task foreign key (run, step, host) references tasks (run, step, host)
    );

    create table output_chunks (
      stream bigint not null constraint output_chunks_stream references output_streams (id),
      start bigint not null,
      bytes bytea not null,
      constraint output_chunks_key primary key (stream, start)
    );
  `,
};
