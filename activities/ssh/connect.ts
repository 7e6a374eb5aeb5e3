import { createConnection } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type Client as Connection, type ConnectConfig } from 'ssh2';
import { Failed } from '../../model/failure.js';
import { offered } from './algorithms.js';
import { inHandshake, notConnected, refusedKey, socketFault, TimedOut } from './connect-failure.js';
import { algorithmsOf, pinned, verifier, type SeenKey } from './host-key.js';
import { loginOf, typed } from './login.js';
import { parsePrivateKey } from './private-key.js';
import { inTurn } from './ramp.js';
import type { Destination, PrivateKey } from './session.js';

const { Client, utils } = ssh2;

export interface ConnectOptions {
  /** Milliseconds for name, connection, handshake and login together, a try. */
  readonly readyTimeout?: number;
  /** Milliseconds between questions whether the host is still there; three unanswered ones end the connection. */
  readonly keepalive?: number;
  /** The agent to ask where the destination names none. */
  readonly agentSocket?: string;
  /** Leads to hosts that are reached through others; without it those cannot be reached. */
  readonly ways?: Ways;
}

/** Streams to hosts behind other hosts. */
export interface Ways {
  way(through: Destination, to: Destination): Promise<Duplex>;
}

const triesWhenDropped = 5;

/**
 * A logged-in connection to a host whose key is one of those pinned; any other key is refused before login begins.
 * This file is the only place that builds an ssh2 client.
 *
 * @throws Failed `host/unreachable`, `host/key-unknown`, `host/key-changed` or `host/login-refused`
 */
export async function connect(destination: Destination, options: ConnectOptions = {}): Promise<Connection> {
  const seen: SeenKey = {};
  const config = (): ConnectConfig => ({
    ...loginOf(destination, options.agentSocket, utils.parseKey),
    ...trust(destination, seen),
  });
  try {
    return await persist(destination, options, config);
  } catch (error) {
    if (error instanceof Failed) throw error;
    if (seen.accepted === false) throw refusedKey(destination, seen);
    throw notConnected(destination, error, options.readyTimeout ?? defaultTimeout);
  }
}

/**
 * The public half of a private key, `type base64`, as authorized_keys and known_hosts have it.
 *
 * @throws UnusableKey
 */
export function publicHalf(key: PrivateKey): string {
  const parsed = parsePrivateKey(key, utils.parseKey);
  return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
}

/**
 * The key of one type that a server shows, `type base64`; undefined where it has none. No key is accepted, so that
 * nothing is sent that could log anybody in.
 *
 * @throws Failed `host/unreachable`, or with what keeps a host on the way from being passed
 */
export async function shownKey(place: Place, type: string, options: ConnectOptions): Promise<string | undefined> {
  const nobody: Destination = { ...place, user: 'nobody', hostKeys: [], key: { agent: '' } };
  const seen: SeenKey = {};
  const trusting = trust(nobody, seen);
  const weak = (place.weakAlgorithms ?? []).filter((name): name is 'ssh-rsa' => name === 'ssh-rsa' && name === type);
  const serverHostKey = [...(algorithmsOf[type] ?? []), ...weak];
  try {
    const config = {
      username: 'nobody',
      authHandler: [],
      ...trusting,
      algorithms: { ...trusting.algorithms, serverHostKey },
    };
    const client = await persist(nobody, options, () => config);
    client.destroy();
    return undefined;
  } catch (error) {
    if (error instanceof Failed) throw error;
    if (seen.wire) return `${type} ${seen.wire}`;
    if (inHandshake(error)) return undefined;
    throw notConnected(nobody, error, defaultTimeout);
  }
}

/** Where an SSH server is, whoever logs in there. */
export type Place = Pick<Destination, 'host' | 'address' | 'port' | 'jump' | 'weakAlgorithms'>;

/** Milliseconds. */
const defaultTimeout = 20_000;

/** Bytes that a server says before key exchange begins: its name, at most some lines before it. */
const greeting = 512;

/** Connects, and tries again where the server hung up at once, as a busy sshd does. */
async function persist(to: Destination, options: ConnectOptions, config: () => ConnectConfig): Promise<Connection> {
  for (let attempt = 1; ; attempt += 1) {
    const end = await inTurn(turnOf(to), async () => handshake(to, options, config));
    if ('client' in end) return end.client;
    if (!end.dropped || attempt >= triesWhenDropped) throw end.error;
    await sleep(100 * 2 ** attempt * (0.5 + Math.random()));
  }
}

function turnOf({ address, port, jump }: Destination): string {
  return `${jump ? `${turnOf(jump)} > ` : ''}${address}:${port}`;
}

type HandshakeEnd = { readonly client: Connection } | { readonly error: unknown; readonly dropped: boolean };

async function handshake(to: Destination, options: ConnectOptions, config: () => ConnectConfig): Promise<HandshakeEnd> {
  const client = new Client();
  const socket = await dial(to, options);
  let heard = 0;
  socket.on('data', (bytes: Buffer) => (heard += bytes.length));
  const timer = setTimeout(() => socket.destroy(new TimedOut()), options.readyTimeout ?? defaultTimeout);
  const life = { keepaliveInterval: options.keepalive ?? 2000, keepaliveCountMax: 3 };
  try {
    await ready(client, { ...config(), ...life, sock: socket, readyTimeout: 0 });
    return { client };
  } catch (error) {
    socket.destroy();
    return { error, dropped: heard < greeting && !socketFault(error) && !inHandshake(error) };
  } finally {
    clearTimeout(timer);
  }
}

async function dial(to: Destination, { ways }: ConnectOptions): Promise<Duplex> {
  if (!to.jump) return createConnection({ host: to.address, port: to.port, noDelay: true });
  if (!ways) throw new Error(`nothing leads through ${to.jump.host}`);
  return ways.way(to.jump, to);
}

function trust(
  { hostKeys, weakAlgorithms }: Destination,
  seen: SeenKey,
): Required<Pick<ConnectConfig, 'hostVerifier' | 'algorithms'>> {
  return { hostVerifier: verifier(pinned(hostKeys, seen)), algorithms: offered(hostKeys, weakAlgorithms) };
}

async function ready(client: Connection, config: ConnectConfig): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', reject);
    client.on('keyboard-interactive', (_name, _about, _language, prompts, answer) =>
      answer(typed(config.password, prompts)),
    );
    client.once('close', () => reject(new Error('the server closed the connection')));
    client.connect(config);
  });
}
