import { proxyActivities } from '@temporalio/workflow';
import type { RecordsActivities } from '../activities/records/activities.js';
import type { HostActivities } from '../activities/ssh/activities.js';
import type { HttpActivities } from '../activities/http/activities.js';
import type { HttpLooks } from '../activities/http/look-at-web-servers.js';
import type { SqlActivities } from '../activities/sql/activities.js';
import type { SqlLooks } from '../activities/sql/look-at-databases.js';
import type { SecretActivities } from '../activities/secrets/activities.js';
import type { SecretLooks } from '../activities/secrets/look-at-secrets.js';
import type { LdapActivities, LdapLooks } from '../activities/ldap/activities.js';

/**
 * Temporal's own retries are for infrastructure alone (a worker gone, the database away): they go on for as long as
 * it takes, and never repeat what a host may have done, because the attempt number stays.
 */
const untilItAnswers = {
  initialInterval: '500ms',
  backoffCoefficient: 2,
  maximumInterval: '15s',
  // What Postgres refuses for good does not get better by asking again.
  nonRetryableErrorTypes: [
    'NotAuthorised',
    'UnknownRun',
    'UnknownPlan',
    'UnknownLivePlan',
    'UnknownTask',
    'UnknownUndo',
    'UnknownGate',
    'UnknownVerb',
    'IllegalMove',
  ],
};

export const records = proxyActivities<RecordsActivities>({ startToCloseTimeout: '30s', retry: untilItAnswers });

/** Beyond the step's own limit: reaching the host, looking before and after, and asking a lost host again. */
const aroundStep = 20 * 60;

const acting = {
  heartbeatTimeout: '10s',
  startToCloseTimeout: '1 hour',
  retry: untilItAnswers,
  // Said, because left out it means TRY_CANCEL on the wire: a cancelled run would be over while scripts still ran.
  cancellationType: 'WAIT_CANCELLATION_COMPLETED',
} as const;

export const hosts = proxyActivities<HostActivities>(acting);
export const webServers = proxyActivities<HttpActivities & HttpLooks>(acting);
export const databases = proxyActivities<SqlActivities & SqlLooks>(acting);
export const secrets = proxyActivities<SecretActivities & SecretLooks>(acting);
export const directories = proxyActivities<LdapActivities & LdapLooks>(acting);

/** Options of one step's activity, as they are shown in Temporal's web UI. */
export function actingOn(
  phase: string,
  step: string,
  seconds: number,
  on: readonly string[],
): { summary: string; startToCloseTimeout: number } {
  return { summary: `[${phase}] ${step} @ ${named(on)}`, startToCloseTimeout: (seconds + aroundStep) * 1000 };
}

/** At most three names, and how many more there are. */
function named(on: readonly string[]): string {
  return on.length <= 3 ? on.join(', ') : `${on.slice(0, 3).join(', ')} and ${on.length - 3} more`;
}
