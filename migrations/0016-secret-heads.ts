import type { Migration } from './migration.js';

export const secretHeads: Migration = {
  number: 16,
  name: 'secret heads',
  up: `
    create table secret_heads (
      name text not null constraint secret_heads_key primary key,
      -- The version that is current, and the one that is stored to become it.
      version integer not null,
      next integer,
      -- The run that made it current; none where somebody stored it as such.
      run text constraint secret_heads_run references runs (run),
      constraint secret_heads_version foreign key (name, version) references secrets (name, version),
      constraint secret_heads_next foreign key (name, next) references secrets (name, version)
    );

    insert into secret_heads (name, version) select name, max(version) from secrets group by name;

    -- Of a next value that the run has taken: its version in the store.
    alter table run_secrets add column version integer;
  `,
};
