import type { Destination } from '../../../activities/ssh/session.js';
import type { Database } from '../../../database/connect.js';
import { readSealed } from '../../../database/secrets.js';
import { Failed } from '../../../model/failure.js';
import type { Plan } from '../../../model/plan.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';

/** How to reach a host of a plan: its address, pinned keys, and the key that logs in, opened for this use. */
export async function destinationOf(db: Database, key: WorkerKey, settings: Settings, plan: Plan, host: string): Promise<Destination> {
  const planned = plan.hosts[host];
  if (!planned) throw new Error(`the plan has no host ${host}`);
  const { address, port, user, hostKeys } = planned;
  const place = { host, address, port, user, hostKeys };
  if ('agent' in planned.key) {
    if (settings.SSH_AUTH_SOCK === undefined) throw missing(host, 'the worker has no SSH agent (SSH_AUTH_SOCK is not set)', 'start the worker with an agent, or give the host a key secret');
    return { ...place, key: { agent: settings.SSH_AUTH_SOCK } };
  }
  const { secret, version } = planned.key;
  const sealed = await readSealed(db, secret, version);
  if (!sealed) throw missing(host, `the key ${secret} has no version ${version}`, `store it: belay secret set ${secret} < key-file, and plan again`);
  return { ...place, key: { privateKey: await key.open(sealed) } };
}

function missing(host: string, known: string, next: string): Failed {
  return new Failed({ kind: 'secret/missing', tried: `log in on ${host}`, known: `${known}; nothing was sent`, next });
}
