import type { Migration } from './migration.js';

export const archive: Migration = {
  number: 8,
  name: 'archive',
  up: `
    -- Since then the run cannot go back any more: its traces may be removed from hosts.
    alter table runs add column archived_at timestamptz;
    -- Since then its host remembers nothing of the task.
    alter table tasks add column forgotten_at timestamptz;
    create index tasks_by_machine on tasks (machine) where forgotten_at is null;
  `,
};
