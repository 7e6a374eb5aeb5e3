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

    -- The live plan that must still be so when the run begins, and since when that is known.
    alter table runs add column live_plan text;
    alter table runs add column live_checked_at timestamptz;
  `,
};
