import type { Migration } from './migration.js';

export const openVerbs: Migration = {
  number: 14,
  name: 'open verbs',
  up: `
    -- Between two steps of a stretch a worker asks whether anybody has said a word that is not settled yet.
    create index verbs_open on verbs (run) where settled_at is null;
  `,
};
