import type { Destination } from '../../../activities/ssh/session.js';
import type { Database } from '../../../database/connect.js';
import { readSealed, secretVersion } from '../../../database/secrets.js';
import { Failed } from '../../../model/failure.js';
import type { HostCheckArgument, HostLogin } from '../../../model/host-requests.js';
import { lookingJournal } from '../../../model/looking.js';
import type { Plan, PlannedHop } from '../../../model/plan.js';
import type { WorkerKey } from '../secrets/identity.js';
import type { Settings } from '../settings.js';

/** What opens a login: the sealed keys, and the worker's own agent. */
export interface Logins {
  readonly db: Database;
  readonly key: WorkerKey;
  readonly settings: Settings;
  /** What was opened for one use: hosts that share a key let it be opened once, which costs some milliseconds. */
  readonly opened?: Map<string, Promise<Uint8Array>>;
}

/** How to reach a host of a plan: its way, address, pinned keys, and the keys that log in, opened for this use. */
export async function destinationOf(logins: Logins, plan: Plan, host: string): Promise<Destination> {
  const planned = plan.hosts[host];
  if (!planned) throw new Error(`the plan has no host ${host}`);
  const jump = await way(logins, planned.jump ?? []);
  return {
    ...(await server(logins, { host, ...planned })),
    ...(jump && { jump }),
    ...(planned.sudo && { sudo: true }),
    ...(plan.onlyLooks !== undefined && { journal: lookingJournal(host) }),
  };
}

/** How to reach a host that somebody asks about outside any run; stored keys are taken in their newest versions. */
export async function askedDestination(logins: Logins, asked: HostCheckArgument): Promise<Destination> {
  const jump = await askedWay(logins, asked.jump ?? []);
  return {
    ...(await server(logins, await newest(logins, asked))),
    ...(jump && { jump }),
    ...(asked.sudo === true && { sudo: true }),
  };
}

/** The way to a host that somebody asks about, as the last host on it. */
export async function askedWay(logins: Logins, hops: readonly HostLogin[]): Promise<Destination | undefined> {
  return way(logins, await Promise.all(hops.map(async (hop) => newest(logins, hop))));
}

/** The last host of a way, reached through those before it. */
async function way(logins: Logins, hops: readonly PlannedHop[]): Promise<Destination | undefined> {
  let last: Destination | undefined;
  for (const hop of hops) last = { ...(await server(logins, hop)), ...(last && { jump: last }) };
  return last;
}

async function server(logins: Logins, hop: PlannedHop): Promise<Destination> {
  const { host, address, port, user, hostKeys, weakAlgorithms } = hop;
  // Only this host is not reached then: those beside it must go on, and a run that ends must not wait for it for ever.
  const key = await loginKey(logins, host, hop.key).catch(unusable);
  return { host, address, port, user, hostKeys, key, ...(weakAlgorithms && { weakAlgorithms }) };
}

async function newest({ db }: Logins, asked: HostLogin): Promise<PlannedHop> {
  const { host, key } = asked;
  if ('agent' in key) return { ...asked, key };
  const of = async (secret: string): Promise<{ secret: string; version: number }> => ({
    secret,
    version: await newestVersion(db, host, secret),
  });
  const passphrase = key.passphrase === undefined ? undefined : await of(key.passphrase);
  return { ...asked, key: { ...(await of(key.secret)), ...(passphrase && { passphrase }) } };
}

async function loginKey(logins: Logins, host: string, login: PlannedHop['key']): Promise<Destination['key']> {
  if ('agent' in login) {
    const { SSH_AUTH_SOCK: agent } = logins.settings;
    if (agent !== undefined) return { agent };
    throw missing(
      host,
      'the worker has no SSH agent (SSH_AUTH_SOCK is not set)',
      'start the worker with an agent, or give the host a key secret',
    );
  }
  const privateKey = await opened(logins, host, login, 'key');
  if (!login.passphrase) return { privateKey };
  return { privateKey, passphrase: await opened(logins, host, login.passphrase, 'passphrase') };
}

async function opened(
  logins: Logins,
  host: string,
  wanted: { readonly secret: string; readonly version: number },
  what: 'key' | 'passphrase',
): Promise<Uint8Array> {
  const { secret, version } = wanted;
  const which = `${secret} ${version}`;
  const opening = logins.opened?.get(which) ?? open(logins, host, wanted, what);
  logins.opened?.set(which, opening);
  return opening;
}

async function open(
  { db, key }: Logins,
  host: string,
  { secret, version }: { readonly secret: string; readonly version: number },
  what: 'key' | 'passphrase',
): Promise<Uint8Array> {
  const sealed = await readSealed(db, secret, version);
  if (sealed) return key.open(sealed).catch(() => Promise.reject(sealedForAnother(host, secret, what)));
  throw missing(
    host,
    `the ${what} ${secret} has no version ${version}`,
    `store it: belay secret set ${secret} < ${what}-file, and plan again`,
  );
}

async function newestVersion(db: Database, host: string, secret: string): Promise<number> {
  const version = await secretVersion(db, secret);
  if (version === undefined)
    throw missing(host, `there is no secret ${secret}`, `store it: belay secret set ${secret} < key-file`);
  return version;
}

function sealedForAnother(host: string, secret: string, what: string): Failed {
  const known = `the ${what} ${secret} was sealed for another worker key than this worker’s`;
  return missing(
    host,
    known,
    'give the worker its former data folder back, with worker-key, or store the secret again',
  );
}

function unusable(error: unknown): { readonly unusable: Failed } {
  if (error instanceof Failed) return { unusable: error };
  throw error;
}

function missing(host: string, known: string, next: string): Failed {
  return new Failed({ kind: 'secret/missing', tried: `log in on ${host}`, known: `${known}; nothing was sent`, next });
}
