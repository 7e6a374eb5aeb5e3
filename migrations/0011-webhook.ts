import type { Migration } from './migration.js';

export const webhook: Migration = {
  number: 11,
  name: 'webhook',
  up: `
    -- What the webhook has still to be told of, written with the event itself.
    create table webhook_outbox (
      run text not null constraint webhook_outbox_run references runs (run),
      -- The event's; with the run it is the message's stable id.
      sequence bigint not null,
      type text not null,
      data jsonb not null,
      at timestamptz not null default now(),
      attempts integer not null default 0,
      -- Not before then; pushed back by every try.
      due_at timestamptz not null,
      ended_at timestamptz,
      outcome text,
      constraint webhook_outbox_key primary key (run, sequence)
    );
    create index webhook_outbox_due on webhook_outbox (due_at) where ended_at is null;
  `,
};
