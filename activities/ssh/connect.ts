import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import ssh2, { type Algorithms, type Client as Connection, type ConnectConfig } from 'ssh2';
import { notConnected, refusedKey, socketFault, TimedOut, UnusableKey } from './connect-failure.js';
import { hostKeyOrder, pinned, verifier, type SeenKey } from './host-key.js';
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
 * The only place that builds an ssh2 client.
 *
 * @throws Failed `host/unreachable`, `host/key-unknown`, `host/key-changed` or `host/login-refused`
 */
export async function connect(destination: Destination, options: ConnectOptions = {}): Promise<Connection> {
  const server = `${destination.address}:${destination.port}`;
  for (let attempt = 1; ; attempt += 1) {
    const end = await inTurn(server, async () => handshake(destination, options));
    if ('client' in end) return end.client;
    if (!end.dropped || attempt >= triesWhenDropped) throw end.failed;
    await sleep(100 * 2 ** attempt * (0.5 + Math.random()));
  }
}

type HandshakeEnd = { readonly client: Connection } | { readonly failed: Error; readonly dropped: boolean };

/** Bytes that a server says before key exchange begins: its name, at most some lines before it. */
const greeting = 512;

/** One try. Dropped: the server hung up at once, as a busy sshd does. */
async function handshake(destination: Destination, options: ConnectOptions): Promise<HandshakeEnd> {
  const limit = options.readyTimeout ?? 20_000;
  const seen: SeenKey = {};
  const client = new Client();
  const socket = createConnection({ host: destination.address, port: destination.port, noDelay: true });
  const timer = setTimeout(() => socket.destroy(new TimedOut()), limit);
  try {
    await ready(client, {
      ...loginOf(destination, options),
      ...trust(destination, seen),
      sock: socket,
      readyTimeout: 0,
      keepaliveInterval: options.keepalive ?? 2000,
      keepaliveCountMax: 3,
    });
    client.setNoDelay(true);
    return { client };
  } catch (error) {
    socket.destroy();
    if (seen.accepted === false) return { failed: refusedKey(destination, seen), dropped: false };
    return {
      failed: notConnected(destination, error, limit),
      dropped: socket.bytesRead < greeting && !socketFault(error),
    };
  } finally {
    clearTimeout(timer);
  }
}

function trust(destination: Destination, seen: SeenKey): Pick<ConnectConfig, 'hostVerifier' | 'algorithms'> {
  return {
    hostVerifier: verifier(pinned(destination.hostKeys, seen)),
    algorithms: { ...algorithms, serverHostKey: hostKeyOrder(destination.hostKeys) },
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
