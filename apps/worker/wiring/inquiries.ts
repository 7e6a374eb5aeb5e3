import type { InquiryNeeds } from '../../../activities/ssh/inquiries.js';
import { scanHostKeys } from '../../../activities/ssh/scan-host-keys.js';
import type { Sessions } from '../../../activities/ssh/session.js';
import { archivedTasks, markForgotten } from '../../../database/archive.js';
import type { Database } from '../../../database/connect.js';
import { askingHolder } from '../../../database/machines.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';
import { askedDestination } from './destinations.js';

/** Postgres, secrets and hosts, as the functions that questions to hosts ask for. */
export function inquiryNeeds(db: Database, sessions: Sessions, key: WorkerKey, settings: Settings): InquiryNeeds {
  return {
    sessions,
    scan: scanHostKeys,
    destination: async (asked) => askedDestination(db, key, settings, asked),
    askingHolder: async (machine) => askingHolder(db, machine),
    archivedTasks: async (on) => archivedTasks(db, on),
    markForgotten: async (host, remnants) => markForgotten(db, host, remnants),
  };
}
