import { Failed } from '../../model/failure.js';
import type { ConnectOptions } from './connect.js';
import { Gateways } from './gateways.js';
import { identity } from './identity.js';
import { InputTurns } from './input-turns.js';
import { KeptConnection, type KeptSettings } from './kept-connection.js';
import type { Destination, Session, Sessions } from './session.js';

export interface SessionsOptions {
  /** Parent of the journals on the hosts; default `/var/lib/belay` for root, else the user's state directory. */
  readonly stateDirectory?: string;
  /** The SSH agent to ask where a destination names none. */
  readonly agentSocket?: string;
  /** Told of connections that come and go; never of commands or values. */
  readonly log?: (line: string) => void;
  /** The shell on the hosts, an absolute path and its options; default `/bin/sh`. */
  readonly shell?: readonly string[];
  /** Milliseconds a connect may take; default 20 s. */
  readonly readyTimeout?: number;
  /** Milliseconds between questions whether a host is still there; a third unanswered one ends the connection. Default 2 s. */
  readonly keepalive?: number;
  /** Milliseconds until an answer of the host must have come, its runner's greeting among them. Default 60 s. */
  readonly answer?: number;
  /** Milliseconds until an unused connection is closed; default 5 minutes. */
  readonly idle?: number;
  /** How many connections are kept; above that, those are closed first that were unused longest. Default 200. */
  readonly keep?: number;
  /** Turns of large inputs for all hosts. */
  readonly inputs?: InputTurns;
}

/** Keeps one connection a host and user, with its runner; closes those that nobody has used for some minutes. */
export function createSessions(options: SessionsOptions = {}): Sessions {
  const settings = settingsOf(options);
  const kept = new Map<string, Promise<KeptConnection>>();
  const open = new Set<KeptConnection>();

  /**
   * Thousands of hosts go through a worker wave by wave, and each connection costs it half a MiB. Whoever has just
   * opened a session may be about to use it, so a connection stays for some seconds at least.
   */
  const makeRoom = (): void => {
    const tooMany = open.size - (options.keep ?? 200);
    if (tooMany <= 0) return;
    [...open]
      .filter(({ unused }) => unused > settings.idle / 60)
      .sort((one, other) => other.unused - one.unused)
      .slice(0, tooMany)
      .forEach((one) => one.leave('others need the room'));
  };

  const connection = (destination: Destination, holder: number): Promise<KeptConnection> => {
    const key = identity(destination);
    const there = kept.get(key);
    if (there) return there;
    const forget = (): void => {
      if (kept.get(key) === opening) kept.delete(key);
    };
    const opening: Promise<KeptConnection> = KeptConnection.open(destination, holder, settings, (gone) => {
      open.delete(gone);
      forget();
    });
    kept.set(key, opening);
    opening.then((one) => {
      open.add(one);
      makeRoom();
    }, forget);
    return opening;
  };

  return {
    async open(destination, holder, task): Promise<Session> {
      checkNames(destination);
      const there = kept.get(identity(destination));
      try {
        return await hold(await connection(destination, holder), holder, task);
      } catch (error) {
        // A kept connection may have died unnoticed; a new one is worth one try.
        const stale = there !== undefined && !(error instanceof Failed && error.failure.kind !== 'host/unreachable');
        if (stale) return hold(await connection(destination, holder), holder, task);
        throw error;
      }
    },
    async close(): Promise<void> {
      const all = [...kept.values()];
      kept.clear();
      await Promise.all(
        all.map(async (one) => one.then((connection) => connection.leave('Belay closed it')).catch(() => undefined)),
      );
    },
  };
}

/** The session, once the host has taken the holder for its highest. */
async function hold(connection: KeptConnection, holder: number, task?: string): Promise<Session> {
  await connection.hold(holder, task);
  return connection.session;
}

function settingsOf(options: SessionsOptions): KeptSettings {
  const { stateDirectory = '' } = options;
  const connecting = connectOptions(options);
  if (!/^(?:\/[A-Za-z0-9._-]+)*$/.test(stateDirectory))
    throw new Error(`${stateDirectory} is no absolute path without blanks`);
  return {
    state: stateDirectory,
    shell: options.shell ?? ['/bin/sh'],
    idle: options.idle ?? 300_000,
    answer: options.answer ?? 60_000,
    log: options.log ?? (() => undefined),
    inputs: options.inputs ?? new InputTurns(),
    connect: { ...connecting, ways: new Gateways(connecting) },
  };
}

function connectOptions({ readyTimeout, keepalive, agentSocket }: SessionsOptions): ConnectOptions {
  return {
    ...(readyTimeout === undefined ? {} : { readyTimeout }),
    ...(keepalive === undefined ? {} : { keepalive }),
    ...(agentSocket === undefined ? {} : { agentSocket }),
  };
}

/** A journal's name is a folder on its host. */
function checkNames({ host, journal = host }: Destination): void {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/.test(journal)) throw new Error(`${journal} is no host name`);
}
