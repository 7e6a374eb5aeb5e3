import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * A wire that fails on command. `cut-answers`: requests get through, and the connection goes with the first answer.
 * `cut-requests`: the connection goes with the next request. `silent`: requests get through, answers never come.
 * `hold`: requests wait for {@link Wire.release}, even when the asker has gone.
 */
export type Fault = 'none' | 'cut-answers' | 'cut-requests' | 'silent' | 'hold';

export interface Wire {
  readonly port: number;
  /** Holds for connections that are open now; later ones are whole again. */
  fail(fault: Fault): void;
  /** Called each time a fault strikes. */
  onStrike: () => unknown;
  /** Called for each connection, before its first byte gets through. */
  onConnection: () => unknown;
  /** How often a fault has struck. */
  readonly struck: number;
  release(): void;
  close(): Promise<void>;
}

interface Link {
  fault: Fault;
  readonly held: Buffer[];
  readonly client: Socket;
  readonly server: Socket;
}

export async function startWire(to: number): Promise<Wire> {
  const links: Link[] = [];
  let struck = 0;
  const strike = (link: Link): void => {
    struck++;
    wire.onStrike();
    if (link.fault.startsWith('cut')) {
      link.client.destroy();
      link.server.destroy();
    }
  };
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const link: Link = { fault: 'none', held: [], client, server: connect(to, '127.0.0.1') };
    links.push(link);
    wire.onConnection();
    client.on('data', (bytes) => {
      if (link.fault === 'cut-requests') return strike(link);
      if (link.fault !== 'hold') return void link.server.write(bytes);
      link.held.push(bytes);
      strike(link);
    });
    link.server.on('data', (bytes) =>
      link.fault === 'cut-answers' || link.fault === 'silent' ? strike(link) : void client.write(bytes),
    );
    client.on('close', () => (link.fault === 'hold' ? undefined : link.server.destroy()));
    client.on('end', () => (link.fault === 'hold' ? undefined : link.server.end()));
    link.server.on('close', () => client.destroy());
    for (const socket of [client, link.server]) socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const wire: Wire = {
    port: (listener.address() as AddressInfo).port,
    fail: (fault) => links.forEach((link) => (link.fault = fault)),
    onStrike: () => undefined,
    onConnection: () => undefined,
    get struck() {
      return struck;
    },
    release: () => links.forEach((link) => link.held.splice(0).forEach((bytes) => link.server.write(bytes))),
    close: async () => {
      for (const { client, server } of links) {
        client.destroy();
        server.destroy();
      }
      listener.close();
      await once(listener, 'close');
    },
  };
  return wire;
}
