import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type Algorithms, type Client as Connection, type ConnectConfig } from 'ssh2';
import { inHandshake, notConnected, refusedKey, socketFault, TimedOut, UnusableKey } from './connect-failure.js';
import { algorithmsOf, hostKeyOrder, pinned, verifier, type SeenKey } from './host-key.js';
import { inTurn } from './ramp.js';
import type { Destination } from './session.js';

const { Client, utils } = ssh2;

export interface ConnectOptions {
  /** Milliseconds for name, connection, handshake and login together, a try. */
  readonly readyTimeout?: number;
  /** Milliseconds between questions whether the host is still there; three unanswered ones end the connection. */
  readonly keepalive?: number;
  /** The agent to ask where the destination names none. */
  readonly agentSocket?: string;
}

/** Strong algorithms alone. No chacha20 and no encrypt-then-mac: they are safe only where strict kex is certain. */
const algorithms: Omit<Algorithms, 'serverHostKey'> = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group-exchange-sha256',
  ],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes192-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
};

const triesWhenDropped = 5;

/**
 * A logged-in connection to a host whose key is one of those pinned; any other key is refused before login begins.
 * This file is the only place that builds an ssh2 client.
 *
 * @throws Failed `host/unreachable`, `host/key-unknown`, `host/key-changed` or `host/login-refused`
 */
export async function connect(destination: Destination, options: ConnectOptions = {}): Promise<Connection> {
  const seen: SeenKey = {};
  const config = (): ConnectConfig => ({ ...loginOf(destination, options), ...trust(destination.hostKeys, seen) });
  try {
    return await persist(destination, options, config);
  } catch (error) {
    if (seen.accepted === false) throw refusedKey(destination, seen);
    throw notConnected(destination, error, options.readyTimeout ?? defaultTimeout);
  }
}

/**
 * The key of one type that a server shows, `type base64`; undefined where it has none. No key is accepted, so that
 * nothing is sent that could log anybody in.
 *
 * @throws Failed `host/unreachable`
 */
export async function shownKey(address: string, port: number, type: string): Promise<string | undefined> {
  const nobody: Destination = { host: address, address, port, user: 'nobody', hostKeys: [], key: { agent: '' } };
  const seen: SeenKey = {};
  const only = { algorithms: { ...algorithms, serverHostKey: [...(algorithmsOf[type] ?? [])] } };
  try {
    const client = await persist(nobody, {}, () => ({
      username: 'nobody',
      authHandler: [],
      ...trust([], seen),
      ...only,
    }));
    client.destroy();
    return undefined;
  } catch (error) {
    if (seen.wire) return `${type} ${seen.wire}`;
    if (inHandshake(error)) return undefined;
    throw notConnected(nobody, error, defaultTimeout);
  }
}

/** Milliseconds. */
const defaultTimeout = 20_000;

/** Bytes that a server says before key exchange begins: its name, at most some lines before it. */
const greeting = 512;

/** Connects, and tries again where the server hung up at once, as a busy sshd does. */
async function persist(to: Destination, options: ConnectOptions, config: () => ConnectConfig): Promise<Connection> {
  for (let attempt = 1; ; attempt += 1) {
    const end = await inTurn(`${to.address}:${to.port}`, async () => handshake(to, options, config));
    if ('client' in end) return end.client;
    if (!end.dropped || attempt >= triesWhenDropped) throw end.error;
    await sleep(100 * 2 ** attempt * (0.5 + Math.random()));
  }
}

type HandshakeEnd = { readonly client: Connection } | { readonly error: unknown; readonly dropped: boolean };

async function handshake(to: Destination, options: ConnectOptions, config: () => ConnectConfig): Promise<HandshakeEnd> {
  const client = new Client();
  const socket = createConnection({ host: to.address, port: to.port, noDelay: true });
  const timer = setTimeout(() => socket.destroy(new TimedOut()), options.readyTimeout ?? defaultTimeout);
  const life = { keepaliveInterval: options.keepalive ?? 2000, keepaliveCountMax: 3 };
  try {
    await ready(client, { ...config(), ...life, sock: socket, readyTimeout: 0 });
    return { client };
  } catch (error) {
    socket.destroy();
    return { error, dropped: socket.bytesRead < greeting && !socketFault(error) && !inHandshake(error) };
  } finally {
    clearTimeout(timer);
  }
}

function trust(hostKeys: readonly string[], seen: SeenKey): Pick<ConnectConfig, 'hostVerifier' | 'algorithms'> {
  return {
    hostVerifier: verifier(pinned(hostKeys, seen)),
    algorithms: { ...algorithms, serverHostKey: hostKeyOrder(hostKeys) },
  };
}

/** One way to log in, asked once: no `none`, no password, nothing forwarded. */
function loginOf(destination: Destination, options: ConnectOptions): ConnectConfig {
  const { user, key } = destination;
  if ('privateKey' in key) {
    const privateKey = Buffer.from(key.privateKey);
    const parsed = utils.parseKey(privateKey);
    if (parsed instanceof Error) throw new UnusableKey(parsed.message);
    return { username: user, privateKey, authHandler: ['publickey'] };
  }
  const agent = key.agent || options.agentSocket;
  if (!agent) throw new UnusableKey('no agent is named, and SSH_AUTH_SOCK is not set');
  return { username: user, agent, authHandler: ['agent'] };
}

async function ready(client: Connection, config: ConnectConfig): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve);
    client.on('error', reject);
    client.once('close', () => reject(new Error('the server closed the connection')));
    client.connect(config);
  });
}
