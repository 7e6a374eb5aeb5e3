import type { Migration } from './migration.js';

export const plansAndRuns: Migration = {
  number: 1,
  name: 'plans and runs',
  up: `
    create table plans (
      hash text constraint plans_key primary key,
      plan jsonb not null,
      stored_at timestamptz not null default now()
    );

    create table runs (
      run text constraint runs_key primary key,
      -- Started in this order; clocks may stand still or go back.
      number bigserial constraint runs_number unique,
      plan_hash text not null constraint runs_plan references plans (hash),
      runbook text not null,
      state text not null,
      standing jsonb not null default '{}',
      started_by text not null,
      idempotency_key text not null constraint runs_idempotency unique,
      request_digest text not null,
      started_at timestamptz not null default now(),
      changed_at timestamptz not null default now(),
      ended_at timestamptz,
      -- Number of the newest event; counting up takes the row's lock, so numbers have no gaps.
      last_event bigint not null default 0,
      -- Since when all its leases are held without a break.
      leases_since timestamptz,
      -- How many times it has taken them: says without a clock whether they were given up in between.
      tenure integer not null default 0
    );
    create index runs_open on runs (number) where ended_at is null;

    create table finished_phases (
      run text not null constraint finished_phases_run references runs (run),
      phase integer not null,
      finished_at timestamptz not null default now(),
      constraint finished_phases_key primary key (run, phase)
    );

    create table events (
      run text not null constraint events_run references runs (run),
      sequence bigint not null,
      at timestamptz not null default now(),
      kind text not null,
      data jsonb not null,
      constraint events_key primary key (run, sequence)
    );

    create table leases (
      machine text constraint leases_key primary key,
      run text not null constraint leases_run references runs (run),
      since timestamptz not null default now()
    );
    create index leases_by_run on leases (run);

    create table holders (
      machine text constraint holders_key primary key,
      holder bigint not null
    );
  `,
};
