import type { Migration } from './migration.js';

export const turnsAndChanges: Migration = {
  number: 9,
  name: 'turns and changes',
  up: `
    -- A task that has gone back may be done again, as another turn: with claims and a pre-image of its own on its host.
    alter table tasks add column turn integer not null default 0;
    -- The highest attempt of the turns before.
    alter table tasks add column attempts_before integer not null default 0;

    -- What an undo covers: all, what was done from a step on, or one host.
    alter table undos add column back_to text;
    alter table undos add column only_host text;

    -- Votes said before it do not count: the run has gone back behind the gate, or has another plan.
    alter table gates add column votes_since timestamptz;

    create table excluded_hosts (
      run text not null constraint excluded_hosts_run references runs (run),
      host text not null,
      excluded_by text not null,
      because text not null,
      at timestamptz not null default now(),
      constraint excluded_hosts_key primary key (run, host)
    );

    -- What a plan was compiled from, so that a parameter can be changed in the midst of a run.
    create table plan_sources (
      plan_hash text constraint plan_sources_key primary key constraint plan_sources_plan references plans (hash),
      sources jsonb not null
    );

    create table plan_changes (
      run text not null constraint plan_changes_run references runs (run),
      number integer not null,
      from_hash text not null constraint plan_changes_from references plans (hash),
      to_hash text not null constraint plan_changes_to references plans (hash),
      changed_by text not null,
      because text not null,
      at timestamptz not null default now(),
      constraint plan_changes_key primary key (run, number)
    );
  `,
};
