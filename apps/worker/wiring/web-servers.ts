import type { HttpLookNeeds } from '../../../activities/http/look-at-web-servers.js';
import type { HttpNeeds } from '../../../activities/http/needs.js';
import { isOwnMachine } from '../../../activities/http/own-machine.js';
import type { Database } from '../../../database/connect.js';
import type { Settings } from '../settings.js';
import { awayNeeds } from './away.js';
import { looking } from './looking.js';
import { announce, type Plans } from './plans.js';
import type { Rendering } from './rendering.js';

/** Postgres, plan and secrets, as the functions that HTTP activities ask for. */
export function webServerNeeds(
  db: Database,
  plans: Plans,
  rendering: Rendering,
  settings: Settings,
): HttpNeeds & HttpLookNeeds {
  return {
    ...awayNeeds('http', db, plans, rendering),
    ...looking(db, rendering),
    announce: async (intent) => announce(db, plans, intent),
    allowed: (address) => settings.BELAY_HTTP_LOOPBACK || !isOwnMachine(address),
    limits: {
      connect: 10_000,
      grace: 30_000,
      outcome: settings.BELAY_OUTCOME_SECONDS * 1000,
      body: 1024 * 1024,
    },
  };
}
