import type { Migration } from './migration.js';

export const gatesAndVerbs: Migration = {
  number: 4,
  name: 'gates and verbs',
  up: `
    create table gates (
      run text not null constraint gates_run references runs (run),
      phase integer not null,
      wanted integer not null,
      asked_at timestamptz,
      deadline timestamptz,
      opened_at timestamptz,
      constraint gates_key primary key (run, phase)
    );

    create table verbs (
      id text constraint verbs_key primary key,
      run text not null constraint verbs_run references runs (run),
      verb text not null,
      arguments jsonb not null,
      said_by text not null,
      idempotency_key text constraint verbs_idempotency unique,
      at timestamptz not null default now(),
      delivered_at timestamptz,
      settled_at timestamptz,
      accepted boolean,
      because text
    );
    create index verbs_undelivered on verbs (at) where delivered_at is null and settled_at is null;

    create table votes (
      verb text constraint votes_key primary key constraint votes_verb references verbs (id),
      run text not null,
      phase integer not null,
      plan_hash text,
      voter text not null,
      approves boolean not null,
      reason text not null,
      at timestamptz not null default now(),
      constraint votes_gate foreign key (run, phase) references gates (run, phase)
    );
    create index votes_by_gate on votes (run, phase);
  `,
};
