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
  `,
};
