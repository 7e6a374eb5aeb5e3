import type { Migration } from './migration.js';

export const undo: Migration = {
  number: 6,
  name: 'undo',
  up: `
    create table undos (
      run text not null constraint undos_run references runs (run),
      undo integer not null,
      started_by text not null,
      started_at timestamptz not null default now(),
      ended_at timestamptz,
      outcome text,
      constraint undos_key primary key (run, undo)
    );
    create unique index undos_one_open on undos (run) where ended_at is null;

    create table undo_results (
      run text not null,
      undo integer not null,
      step text not null,
      host text not null,
      outcome text not null,
      failure jsonb,
      summary text not null,
      at timestamptz not null default now(),
      constraint undo_results_key primary key (run, undo, step, host),
      constraint undo_results_undo foreign key (run, undo) references undos (run, undo),
      constraint undo_results_task foreign key (run, step, host) references tasks (run, step, host)
    );
  `,
};
