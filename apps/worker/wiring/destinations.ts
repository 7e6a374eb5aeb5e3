import type { Destination } from '../../../activities/ssh/session.js';
import type { Database } from '../../../database/connect.js';
import { readSealed, secretVersion } from '../../../database/secrets.js';
import { Failed } from '../../../model/failure.js';
import type { HostCheckArgument } from '../../../model/host-requests.js';
import type { Plan } from '../../../model/plan.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';

/**
 * How to reach hosts of a plan: address, pinned keys, and the key that logs in. A key that several hosts share is
 * opened once (it costs some milliseconds), and only for the use that these destinations are made for.
 */
export function destinations(
  db: Database,
  key: WorkerKey,
  settings: Settings,
  plan: Plan,
): (host: string) => Promise<Destination> {
  const opened = new Map<string, Promise<Destination['key']>>();
  return async (host) => {
    const planned = plan.hosts[host];
    if (!planned) throw new Error(`the plan has no host ${host}`);
    const { address, port, user, hostKeys } = planned;
    const which = JSON.stringify(planned.key);
    const login = opened.get(which) ?? loginKey(db, key, settings, host, planned.key);
    opened.set(which, login);
    return { host, address, port, user, hostKeys, key: await login };
  };
}

/** How to reach a host that somebody asks about outside any run; a stored key is taken in its newest version. */
export async function askedDestination(
  db: Database,
  key: WorkerKey,
  settings: Settings,
  asked: HostCheckArgument,
): Promise<Destination> {
  const { host, address, port, user, hostKeys } = asked;
  const login = 'agent' in asked.key ? asked.key : { ...asked.key, version: await newest(db, host, asked.key.secret) };
  return { host, address, port, user, hostKeys, key: await loginKey(db, key, settings, host, login) };
}

type Login = { readonly agent: true } | { readonly secret: string; readonly version: number };

async function loginKey(
  db: Database,
  key: WorkerKey,
  settings: Settings,
  host: string,
  login: Login,
): Promise<Destination['key']> {
  if ('agent' in login) {
    if (settings.SSH_AUTH_SOCK === undefined)
      throw missing(
        host,
        'the worker has no SSH agent (SSH_AUTH_SOCK is not set)',
        'start the worker with an agent, or give the host a key secret',
      );
    return { agent: settings.SSH_AUTH_SOCK };
  }
  const { secret, version } = login;
  const sealed = await readSealed(db, secret, version);
  if (!sealed)
    throw missing(
      host,
      `the key ${secret} has no version ${version}`,
      `store it: belay secret set ${secret} < key-file, and plan again`,
    );
  return { privateKey: await key.open(sealed) };
}

async function newest(db: Database, host: string, secret: string): Promise<number> {
  const version = await secretVersion(db, secret);
  if (version === undefined)
    throw missing(host, `there is no secret ${secret}`, `store it: belay secret set ${secret} < key-file`);
  return version;
}

function missing(host: string, known: string, next: string): Failed {
  return new Failed({ kind: 'secret/missing', tried: `log in on ${host}`, known: `${known}; nothing was sent`, next });
}
