import { createServer, type Server, type Socket } from 'node:net';
import { setInterval as every } from 'node:timers';

/** What a server does to whoever connects, before anybody has logged in. It may say anything, at any pace, or nothing. */
export type Script = (socket: Socket) => void;

const name = 'SSH-2.0-Hostile\r\n';

/** One packet in clear, as they go before keys are exchanged. */
function packet(payload: Buffer): Buffer {
  const padding = 8 - ((payload.length + 5) % 8) + 8;
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + padding + 1);
  head[4] = padding;
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

function text(value: string | Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(value));
  return Buffer.concat([length, Buffer.from(value)]);
}

const kexInit = (kex = 'curve25519-sha256', cipher = 'aes128-gcm@openssh.com'): Buffer =>
  packet(
    Buffer.concat([
      Buffer.from([20]),
      Buffer.alloc(16),
      ...[kex, 'ssh-ed25519', cipher, cipher, 'hmac-sha2-256', 'hmac-sha2-256', 'none', 'none', '', ''].map(text),
      Buffer.alloc(5),
    ]),
  );

const disconnect = packet(Buffer.concat([Buffer.from([1, 0, 0, 0, 2]), text('go away'.repeat(4000)), text('')]));

/** Says the same for ever, as fast as it is read. */
export function flood(socket: Socket, bytes: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
}

/** Says it byte by byte, ten a second. */
function drip(socket: Socket, bytes: Buffer): void {
  let at = 0;
  const timer = every(() => (at < bytes.length ? socket.write(bytes.subarray(at, ++at)) : clearInterval(timer)), 100);
  socket.on('close', () => clearInterval(timer));
}

const says =
  (...pieces: (string | Buffer)[]): Script =>
  (socket) => {
    for (const piece of pieces) socket.write(piece);
  };

const big = Buffer.alloc(65_536, 'x');
const lengthOf = (length: number): Buffer => {
  const head = Buffer.alloc(64);
  head.writeUInt32BE(length);
  return head;
};

/** Servers that are hostile from the first byte on, by what they do. */
export const beforeLogin: Readonly<Record<string, Script>> = {
  'says nothing': () => undefined,
  'sends lines before its name without end': (socket) =>
    flood(socket, Buffer.from('welcome to this server\r\n'.repeat(900))),
  'sends a first line without end': (socket) => flood(socket, big),
  'sends its name byte by byte': (socket) => drip(socket, Buffer.from(name)),
  'sends a name of 64 KiB': says(Buffer.concat([Buffer.from('SSH-2.0-'), big, Buffer.from('\r\n')])),
  'sends a name with NUL bytes': says('SSH-2.0-\0\0\0\r\n'),
  'speaks SSH 1': says('SSH-1.5-Old\r\n'),
  'speaks HTTP': says('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  'closes at once': (socket) => socket.end(),
  'resets at once': (socket) => socket.resetAndDestroy(),
  'closes after its name': (socket) => socket.end(name),
  'says nothing after its name': says(name),
  'sends garbage after its name': says(name, Buffer.alloc(4096, 0xa5)),
  'sends a packet of 4 GiB': says(name, lengthOf(0xffffffff)),
  'sends a packet of no length': says(name, lengthOf(0)),
  'promises a long packet and sends nothing': says(name, lengthOf(30_000)),
  'sends what comes last first': says(name, packet(Buffer.from([21]))),
  'says that we are logged in before anything': says(name, packet(Buffer.from([52]))),
  'answers a key exchange that nobody began': says(
    name,
    packet(Buffer.concat([Buffer.from([31]), text('x'), text('y')])),
  ),
  'agrees on no key exchange': says(name, kexInit('none')),
  'agrees on no cipher': says(name, kexInit('curve25519-sha256', 'aes128-cbc')),
  'begins the key exchange and stops': says(name, kexInit()),
  'ends the key exchange with garbage': says(
    name,
    kexInit(),
    packet(Buffer.concat([Buffer.from([31]), Buffer.alloc(200, 7)])),
  ),
  'ends the key exchange before it is done': says(name, kexInit(), packet(Buffer.from([21]))),
  'goes away with many words': says(name, disconnect),
  'sends packets to be ignored without end': (socket) => {
    socket.write(name);
    flood(socket, packet(Buffer.concat([Buffer.from([2]), text(Buffer.alloc(30_000))])));
  },
  'begins key exchanges without end': (socket) => {
    socket.write(name);
    flood(socket, kexInit());
  },
};

/** A server on loopback that counts who is still there. */
export interface Hostile {
  readonly port: number;
  readonly connections: () => number;
  close(): Promise<void>;
}

export async function hostileServer(script: Script): Promise<Hostile> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    // What comes in is read, or its end would not be seen.
    socket.resume();
    script(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as { port: number }).port,
    connections: () => sockets.size,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
