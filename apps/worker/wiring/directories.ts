import type { LdapLookNeeds } from '../../../activities/ldap/look-at-directories.js';
import type { LdapNeeds } from '../../../activities/ldap/needs.js';
import type { Database } from '../../../database/connect.js';
import { keepPreImage, readPreImage } from '../../../database/pre-images.js';
import { setInJson } from '../../../model/transforms/json-text.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';
import { awayNeeds } from './away.js';
import { looking } from './looking.js';
import { owingOf, type Plans } from './plans.js';
import type { Rendering } from './rendering.js';

/** Postgres, plan and secrets, as the functions that directory activities ask for. */
export function directoryNeeds(
  db: Database,
  plans: Plans,
  rendering: Rendering,
  key: WorkerKey,
  settings: Settings,
): LdapNeeds & LdapLookNeeds {
  return {
    ...awayNeeds('ldap', db, plans, rendering),
    ...looking(db, rendering),
    keepPreImage: async (intent, sealed) => keepPreImage(db, intent, sealed, await owingOf(plans, intent)),
    readPreImage: async (task) => readPreImage(db, task),
    seal: async (value) => key.seal(value),
    open: async (sealed) => key.open(sealed),
    setInJson,
    limits: { connect: 10_000, request: 30_000, outcome: settings.BELAY_OUTCOME_SECONDS * 1000 },
  };
}
