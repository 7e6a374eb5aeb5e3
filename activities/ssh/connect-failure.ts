import { Failed, type Failure } from '../../model/failure.js';
import type { SeenKey } from './host-key.js';
import type { Destination } from './session.js';

/** The time for a connection was over. */
export class TimedOut extends Error {}

/** The private key or the agent cannot be used at all. */
export class UnusableKey extends Error {}

/** A name that does not resolve, a refused or unreachable address: trying again at once would not help. */
export function socketFault(error: unknown): boolean {
  const code = codeOf(error);
  return (
    error instanceof TimedOut ||
    error instanceof UnusableKey ||
    (code !== undefined && code !== 'ECONNRESET' && code !== 'EPIPE')
  );
}

/** Belay and the server could not agree on algorithms, or a key was not accepted. */
export function inHandshake(error: unknown): boolean {
  return error instanceof Error && 'level' in error && error.level === 'handshake';
}

/** The host showed a key that is not pinned; nothing was sent that could log anybody in. */
export function refusedKey(destination: Destination, seen: SeenKey): Failed {
  const { host, address, port, hostKeys } = destination;
  const key = `${seen.type ?? 'a key'} ${seen.fingerprint ?? ''}`;
  const enrol = `\`belay host enrol ${host}\``;
  if (hostKeys.length === 0) {
    return failed(
      destination,
      'host/key-unknown',
      `it showed ${key}, and no key of it is pinned; login was not tried`,
      `compare that fingerprint with the one on the host's console (\`ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub\`), then pin it with ${enrol}`,
    );
  }
  return failed(
    destination,
    'host/key-changed',
    `it showed ${key}, which is none of the ${hostKeys.length} pinned; login was not tried`,
    `find out why: a reinstalled host, another host at ${address}:${port}, or somebody between. If the key is right on the host's console, pin it with ${enrol} and make a new plan`,
  );
}

/** No connection, or no login, as the person who has to mend it needs it. */
export function notConnected(destination: Destination, error: unknown, limit: number): Failed {
  const level = error instanceof Error && 'level' in error ? error.level : undefined;
  if (level === 'client-authentication' || level === 'agent' || error instanceof UnusableKey) {
    return refusedLogin(destination, error);
  }
  return failed(
    destination,
    'host/unreachable',
    `${reason(error, limit)}; nothing was started`,
    'see that the host is up, and that address, port and firewall are right; then retry',
    error,
  );
}

function refusedLogin(destination: Destination, error: unknown): Failed {
  const { host, user, key } = destination;
  const unusable = error instanceof UnusableKey;
  const known = unusable
    ? `no key could be used for user ${user} (${error.message}); nothing was sent`
    : `the host is the right one, but did not accept ${offeredBy(key)} for user ${user} (${messageOf(error)}); nothing was started`;
  const next =
    unusable && 'privateKey' in key
      ? `store the private key whole, and give an encrypted one its passphrase: key: { secret: …, passphrase: … } of ${host} in the inventory`
      : `put the public key into ${user}'s authorized_keys on the host (\`belay host key ${host}\` helps), or correct user and key in the inventory`;
  return failed(destination, 'host/login-refused', known, next, error);
}

function offeredBy(key: Destination['key']): string {
  if ('privateKey' in key) return "the run's key";
  return 'password' in key ? 'the password' : 'the keys of the agent';
}

/** A failure of a host on the way, with where it was meant to lead; undefined where it is none of these. */
export function onTheWay(through: Destination, to: Destination, error: unknown): Failed | undefined {
  if (!(error instanceof Failed)) return undefined;
  const { failure } = error;
  return new Failed({ ...failure, tried: `${failure.tried}, on the way to ${to.host}` }, { cause: error });
}

/** The host in between is there, but lets nobody through to that address. */
export function noWay(through: Destination, to: Destination, error: unknown): Failed {
  return failed(
    to,
    'host/unreachable',
    `${through.host} opened no way there (${messageOf(error)}); nothing was started`,
    `see that ${through.host} reaches ${to.address}:${to.port}, and that its sshd allows forwarding (AllowTcpForwarding)`,
    error,
  );
}

function reason(error: unknown, limit: number): string {
  if (error instanceof TimedOut) return `it did not answer as an SSH server within ${limit / 1000} s`;
  switch (codeOf(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'its name does not resolve';
    case 'ECONNREFUSED':
      return 'nothing listens at that port';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return 'there is no way to that address';
    default:
      return inHandshake(error)
        ? `Belay and the host could not agree on how to speak (${messageOf(error)})`
        : `the connection was cut before login (${messageOf(error)})`;
  }
}

function failed(destination: Destination, kind: Failure['kind'], known: string, next: string, cause?: unknown): Failed {
  const { host, user, address, port, jump } = destination;
  const through = jump ? ` through ${jump.host}` : '';
  return new Failed(
    { kind, tried: `connecting to ${host} as ${user} at ${address}:${port}${through}`, known, next },
    { cause },
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
