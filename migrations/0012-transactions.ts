import type { Migration } from './migration.js';

export const transactions: Migration = {
  number: 12,
  name: 'transactions',
  up: `
    -- Transactions of databases that steps change, written before their COMMIT is sent: the database can be asked
    -- later what became of each.
    create table transactions (
      id bigserial constraint transactions_key primary key,
      run text not null,
      step text not null,
      host text not null,
      part text not null,
      undo integer not null,
      attempt integer not null,
      -- Of which cluster, and which timeline of it.
      cluster text not null,
      transaction text not null,
      at timestamptz not null default now(),
      constraint transactions_once unique (run, step, host, part, undo, attempt, cluster, transaction),
      constraint transactions_intent foreign key (run, step, host, part, undo, attempt)
        references intents (run, step, host, part, undo, attempt)
    );
  `,
};
