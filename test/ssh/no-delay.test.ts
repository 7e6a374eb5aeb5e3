// cspell:words getsockopt IPPROTO NODELAY
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect as connectPlain, createServer, type AddressInfo } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openLine } from '../../activities/http/line.js';
import { dialOnce } from '../../activities/ldap/dial.js';
import { connect } from '../../activities/ssh/connect.js';
import { startThingServer, type ThingServer } from '../http/server.js';
import { hostileHost, pinnedKey, tame, userKey } from './hostile-hosts.js';

/**
 * Whether the kernel sends what is written to a socket without waiting for more. Node.js does not tell, so a program is
 * given the socket and asks.
 */
function sendsAtOnce(socket: object): boolean {
  const { fd } = (socket as { _handle: { fd: number } })._handle;
  const ask = 'print unpack("i", getsockopt(STDIN, IPPROTO_TCP, TCP_NODELAY))';
  return execFileSync('perl', ['-MSocket=:all', '-e', ask], { stdio: [fd, 'pipe', 'inherit'] }).toString() === '1';
}

async function webServer(): Promise<ThingServer> {
  const server = await startThingServer();
  onTestFinished(async () => server.close());
  return server;
}

describe('a small message goes out at once', () => {
  test('unless nobody has said so, which is seen', async () => {
    const server = createServer((socket) => void socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connectPlain((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    expect(sendsAtOnce(socket)).toBe(false);
    socket.destroy();
    server.close();
  });

  test('to a host', async () => {
    const { port, close } = await hostileHost(tame);
    onTestFinished(close);
    const key = { privateKey: userKey };
    const client = await connect({ host: 'h', address: '127.0.0.1', port, user: 'root', hostKeys: [pinnedKey], key });
    expect(sendsAtOnce((client as unknown as { _sock: object })._sock)).toBe(true);
    client.destroy();
  });

  test('to a directory', async () => {
    const { port, authority } = await webServer();
    const login = { dn: 'cn=manager,o=gluu', password: 'not sent here', entry: 'o=gluu' };
    const line = dialOnce({ url: `ldaps://localhost:${port}`, host: 'localhost', authority, ...login });
    const socket = line.dial(port);
    await once(socket, 'secureConnect');
    expect(sendsAtOnce(socket)).toBe(true);
    line.drop();
  });

  test.each(['http', 'https'])('to a web server by %s', async (protocol) => {
    const { port, plainPort, authority } = await webServer();
    const url = new URL(`${protocol}://localhost:${protocol === 'http' ? plainPort : port}/`);
    const expected = { status: 'success', json: {} } as const;
    const socket = await openLine(
      { url, method: 'GET', headers: {}, body: Buffer.alloc(0), expect: expected, authority },
      { allowed: () => true, limits: { connect: 5000, grace: 200, outcome: 600, body: 1000 } },
    );
    expect(sendsAtOnce(socket)).toBe(true);
    socket.destroy();
  });
});
