import type { Database } from '../../../database/connect.js';
import { keepLooks } from '../../../database/live-plans.js';
import { readPlan } from '../../../database/plans.js';
import type { AwayLookNeeds } from '../../../model/live/look-away.js';
import { maskOf } from '../../../model/mask.js';
import type { Operation } from '../../../model/operation.js';
import { preview } from './preview.js';
import type { Rendering } from './rendering.js';

/** What live plans ask for, of every place outside of hosts. */
export function looking(db: Database, rendering: Rendering): Omit<AwayLookNeeds<Operation['on']>, 'alive'> {
  return {
    readPlan: async (hash) => readPlan(db, hash),
    previewValues: async (plan, step, host, operation) => {
      const previewed = await preview(rendering, plan, step, host, operation);
      return 'before' in previewed ? previewed : { when: previewed.when, ...previewed.filler };
    },
    masked: (text, secrets) => maskOf(secrets).text(text),
    keepLooks: async (live, looks) => keepLooks(db, live, looks),
  };
}
