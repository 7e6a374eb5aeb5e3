import type { Duplex } from 'node:stream';
import type { SqlLookNeeds } from '../../../activities/sql/look-at-databases.js';
import type { SqlNeeds, SqlPlace } from '../../../activities/sql/needs.js';
import { Gateways } from '../../../activities/ssh/gateways.js';
import type { Database } from '../../../database/connect.js';
import { keepTransaction, readTransactions } from '../../../database/transactions.js';
import { Failed } from '../../../model/failure.js';
import type { Plan } from '../../../model/plan.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';
import { awayNeeds } from './away.js';
import { looking } from './looking.js';
import { destinationOf, type Logins } from './destinations.js';
import { owingOf, type Plans } from './plans.js';
import type { Rendering } from './rendering.js';

/** Postgres, plan, secrets and ways through hosts, as the functions that database activities ask for. */
export function databaseNeeds(
  db: Database,
  plans: Plans,
  rendering: Rendering,
  key: WorkerKey,
  settings: Settings,
): SqlNeeds & SqlLookNeeds {
  const agent = settings.SSH_AUTH_SOCK === undefined ? {} : { agentSocket: settings.SSH_AUTH_SOCK };
  const gateways = new Gateways(agent);
  return {
    ...awayNeeds('sql', db, plans, rendering),
    ...looking(db, rendering),
    way: async ({ run, host }, to) => wayTo(gateways, { db, key, settings }, await plans.of(run), host, to),
    plannedWay: async (plan, host, to) => wayTo(gateways, { db, key, settings }, plan, host, to),
    keepTransaction: async (intent, transaction) =>
      keepTransaction(db, intent, transaction, await owingOf(plans, intent)),
    readTransactions: async (task) => readTransactions(db, task),
    limits: { connect: 30_000, grace: 30_000, outcome: settings.BELAY_OUTCOME_SECONDS * 1000 },
  };
}

async function wayTo(gateways: Gateways, logins: Logins, plan: Plan, host: string, to: SqlPlace): Promise<Duplex> {
  const called = 'socket' in to ? to.socket : `${to.address}:${to.port}`;
  const destination = await destinationOf(logins, plan, host);
  try {
    return await gateways.reach(destination, to, called);
  } catch (error) {
    if (error instanceof Failed) throw error;
    throw new Failed({
      kind: 'sql/unreachable',
      tried: `reaching ${called} from ${host}`,
      known: `${host} opened no way there (${error instanceof Error ? error.message : String(error)}); nothing was asked`,
      next: `see that it listens at ${called}, and that the host's sshd allows forwarding (AllowTcpForwarding, AllowStreamLocalForwarding)`,
    });
  }
}
