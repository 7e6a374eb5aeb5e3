import type { Migration } from './migration.js';

export const planFiles: Migration = {
  number: 13,
  name: 'plan files',
  up: `
    -- Large files that lie beside runbooks, each once, whichever plans it belongs to. Plans and their sources name them
    -- by digest; those that were stored before hold theirs themselves.
    create table plan_files (
      sha256 text constraint plan_files_key primary key,
      bytes bytea not null
    );
    -- They are often compressed already, and are read whole.
    alter table plan_files alter column bytes set storage external;
  `,
};
