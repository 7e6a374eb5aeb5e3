// cspell:words tcpip
import type { AddressInfo } from 'node:net';
import ssh2, { type Connection } from 'ssh2';
import { expect, onTestFinished, test } from 'vitest';
import { Gateways } from '../../activities/ssh/gateways.js';
import { userKey } from './hostile-hosts.js';

const { Server, utils } = ssh2;

test('eight ways through a host share a connection, and the ninth has one of its own', async () => {
  const hostKey = utils.generateKeyPairSync('ed25519');
  const connections: Connection[] = [];
  const server = new Server({ hostKeys: [hostKey.private] }, (connection) => {
    connections.push(connection);
    connection.on('error', () => undefined).on('authentication', (context) => context.accept());
    connection.on('tcpip', (accept) => void accept().on('error', () => undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const connection of connections) connection.end();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const gate = { host: 'gate', address: '127.0.0.1', port, user: 'root', hostKeys: [hostKey.public] };
  const gateways = new Gateways({});
  const way = async () =>
    gateways.reach({ ...gate, key: { privateKey: userKey } }, { address: '192.0.2.1', port: 22 }, 'behind');
  await Promise.all(Array.from({ length: 8 }, way));
  expect(connections).toHaveLength(1);
  await way();
  expect(connections).toHaveLength(2);
});
