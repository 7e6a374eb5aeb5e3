import type { Migration } from './migration.js';

export const secrets: Migration = {
  number: 5,
  name: 'secrets',
  up: `
    create table secrets (
      name text not null,
      version integer not null,
      sealed bytea not null,
      stored_by text not null,
      at timestamptz not null default now(),
      constraint secrets_key primary key (name, version)
    );

    create table run_secrets (
      run text not null constraint run_secrets_run references runs (run),
      name text not null,
      sealed bytea not null,
      at timestamptz not null default now(),
      constraint run_secrets_key primary key (run, name)
    );
  `,
};
