import type { Migration } from './migration.js';

export const waitingAndLooking: Migration = {
  number: 10,
  name: 'waiting and looking',
  up: `
    -- Runs that wait for leases, each with its place in the one line for all machines.
    create table lease_queue (
      run text constraint lease_queue_key primary key constraint lease_queue_run references runs (run),
      place bigserial constraint lease_queue_place unique,
      since timestamptz not null default now()
    );

    -- What a plan would do on its hosts at one time.
    create table live_plans (
      live text constraint live_plans_key primary key,
      plan_hash text not null constraint live_plans_plan references plans (hash),
      made_by text not null,
      begun_at timestamptz not null default now(),
      ended_at timestamptz,
      -- Over all that was seen; absent while hosts are being asked.
      hash text
    );
    create index live_plans_by_plan on live_plans (plan_hash, hash);

    create table live_looks (
      live text not null constraint live_looks_plan references live_plans (live),
      step text not null,
      host text not null,
      look jsonb not null,
      constraint live_looks_key primary key (live, step, host)
    );

    -- Whether the task may leave its host otherwise or out of service while it runs.
    alter table tasks add column disturbs boolean not null default false;
    -- Waves of runs whose plans have budgets, from their begin; their hosts are down until they are through.
    create table begun_waves (
      run text not null constraint begun_waves_run references runs (run),
      phase integer not null,
      wave integer not null,
      begun_at timestamptz not null default now(),
      ended_at timestamptz,
      constraint begun_waves_key primary key (run, phase, wave)
    );
    -- An operator's word that what a run left on a host, or on all of its hosts, counts as up again.
    create table acknowledgements (
      id bigserial constraint acknowledgements_key primary key,
      run text not null constraint acknowledgements_run references runs (run),
      host text,
      reason text not null,
      said_by text not null,
      at timestamptz not null default now()
    );
    create index acknowledgements_by_run on acknowledgements (run);

    -- The live plan that must still be so when the run begins, and since when that is known.
    alter table runs add column live_plan text;
    alter table runs add column live_checked_at timestamptz;
  `,
};
