import type { InquiryNeeds } from '../../../activities/ssh/inquiries.js';
import { connectingFor } from '../../../activities/ssh/gateways.js';
import { installKey } from '../../../activities/ssh/install-key.js';
import { scanHostKeys } from '../../../activities/ssh/scan-host-keys.js';
import type { Sessions } from '../../../activities/ssh/session.js';
import { archivedTasks, markForgotten } from '../../../database/archive.js';
import type { Database } from '../../../database/connect.js';
import { askingHolder } from '../../../database/machines.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';
import { askedDestination, askedWay } from './destinations.js';

/** Postgres, secrets and hosts, as the functions that questions to hosts ask for. */
export function inquiryNeeds(db: Database, sessions: Sessions, key: WorkerKey, settings: Settings): InquiryNeeds {
  const logins = { db, key, settings };
  return {
    sessions,
    scan: async ({ jump = [], ...place }) => {
      const through = await askedWay(logins, jump);
      return scanHostKeys({ ...place, ...(through && { jump: through }) }, connectingFor(settings.SSH_AUTH_SOCK));
    },
    installKey: async (destination, line, sealed) => {
      const password = Buffer.from(await key.open(Buffer.from(sealed, 'base64'))).toString('utf8');
      await installKey(destination, line, password, connectingFor(settings.SSH_AUTH_SOCK));
    },
    destination: async (asked) => askedDestination(logins, asked),
    askingHolder: async (machine) => askingHolder(db, machine),
    archivedTasks: async (on) => archivedTasks(db, on),
    markForgotten: async (host, remnants) => markForgotten(db, host, remnants),
  };
}
