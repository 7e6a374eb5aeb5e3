import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { createAuthority } from '../../activities/certificates/authority.js';
import { signCertificate } from '../../activities/certificates/sign.js';
import { flood } from '../ssh/hostile-servers.js';

/** Operations of RFC 4511 by their tags. */
const operations: Readonly<Record<number, 'bind' | 'search' | 'modify'>> = {
  0x60: 'bind',
  0x63: 'search',
  0x66: 'modify',
};
type Asked = 'bind' | 'search' | 'modify';
type Answer = (socket: Socket, id: number) => unknown;

/** What a directory does: with the bare connection, or once TLS stands, with what it is asked. */
export type Conduct = { readonly bare: (socket: Socket) => unknown } | { readonly [asked in Asked]?: Answer };

const header = (tag: number, length: number): Buffer =>
  length < 128
    ? Buffer.from([tag, length])
    : Buffer.from([tag, 0x84, (length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]);
const node = (tag: number, ...content: Buffer[]): Buffer => {
  const bytes = Buffer.concat(content);
  return Buffer.concat([header(tag, bytes.length), bytes]);
};
const octets = (text: string | Buffer): Buffer => node(4, Buffer.from(text));
const message = (id: number, operation: Buffer): Buffer => node(0x30, node(2, Buffer.from([id])), operation);
const result = (id: number, tag: number, code: number, ...more: Buffer[]): Buffer =>
  message(id, node(tag, node(10, Buffer.from([code])), octets(''), octets('hostile'), ...more));
const entryOf = (id: number, value: string | Buffer = '{}', attribute = 'oxCacheConfiguration'): Buffer =>
  message(id, node(0x64, octets('o=gluu'), node(0x30, node(0x30, octets(attribute), node(0x31, octets(value))))));
const referral = node(0xa3, octets('ldaps://127.0.0.1:1/o=gluu'));

function drip(socket: Socket, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 150);
  socket.on('close', () => clearInterval(timer));
}

const many = (bytes: Buffer, bytesInAll = 65_536): Buffer =>
  Buffer.concat(Array.from({ length: Math.ceil(bytesInAll / bytes.length) }, () => bytes));
const big = Buffer.alloc(65_536, 'x');

/** Directories that are hostile before anybody has logged in. */
export const atLogin: Readonly<Record<string, Conduct>> = {
  'says nothing': { bare: () => undefined },
  'closes at once': { bare: (socket) => socket.end() },
  'resets at once': { bare: (socket) => socket.resetAndDestroy() },
  'speaks without TLS': { bare: (socket) => socket.write(result(1, 0x61, 0)) },
  'speaks garbage': { bare: (socket) => socket.write(Buffer.alloc(5000, 0xa5)) },
  'sends garbage without end': { bare: (socket) => flood(socket, Buffer.alloc(65_536, 0x16)) },
  'sends a TLS alert': { bare: (socket) => socket.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])) },
  'begins a handshake byte by byte': {
    bare: (socket) => drip(socket, Buffer.from([0x16, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3])),
  },
  'never answers the login': { bind: () => undefined },
  'closes at the login': { bind: (socket) => socket.end() },
  'answers the login with garbage': { bind: (socket) => socket.write(Buffer.alloc(300, 0xf5)) },
  'answers the login with empty messages': { bind: (socket) => socket.write(many(Buffer.from([0x30, 0]))) },
  'answers the login with a message of 2 GiB': {
    bind: (socket) => flood(socket, Buffer.concat([header(0x30, 0x7fffffff), big])),
  },
  'answers the login with a length that is none': {
    bind: (socket) => socket.write(Buffer.from([0x30, 0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0])),
  },
  'answers another login': { bind: (socket, id) => socket.write(result(id + 7, 0x61, 0)) },
  'answers the login by halves': { bind: (socket, id) => socket.write(result(id, 0x61, 0).subarray(0, 9)) },
  'answers the login byte by byte': { bind: (socket, id) => drip(socket, result(id, 0x61, 0)) },
  'sends us elsewhere at the login': { bind: (socket, id) => socket.write(result(id, 0x61, 10, referral)) },
  'is busy': { bind: (socket, id) => socket.write(result(id, 0x61, 51)) },
  'wants to go on with the login for ever': { bind: (socket, id) => socket.write(result(id, 0x61, 14)) },
  'answers the login with the end of a search': { bind: (socket, id) => socket.write(message(id, node(0x42))) },
  'tells that it goes away, and stays': { bind: (socket) => socket.write(result(0, 0x78, 52)) },
  'tells what nobody asked, without end': { bind: (socket) => flood(socket, many(result(99, 0x61, 0))) },
};

const welcome: Answer = (socket, id) => socket.write(result(id, 0x61, 0));

/** Directories that let us in, and are hostile when they are read. */
export const atReading: Readonly<Record<string, Conduct>> = {
  'never answers a question': { bind: welcome },
  'closes at a question': { bind: welcome, search: (socket) => socket.end() },
  'resets at a question': { bind: welcome, search: (socket) => socket.destroy() },
  'answers a question with garbage': { bind: welcome, search: (socket) => socket.write(Buffer.alloc(300, 0x64)) },
  'finds entries without end': { bind: welcome, search: (socket, id) => flood(socket, many(entryOf(id))) },
  'finds a value without end': { bind: welcome, search: (socket, id) => flood(socket, entryOf(id, big)) },
  'finds an entry and never says that it is all': { bind: welcome, search: (socket, id) => socket.write(entryOf(id)) },
  'sends half an entry': { bind: welcome, search: (socket, id) => socket.end(entryOf(id, big).subarray(0, 4000)) },
  'sends us elsewhere without end': {
    bind: welcome,
    search: (socket, id) => flood(socket, many(message(id, node(0x73, octets('ldaps://127.0.0.1:1/o=gluu'))))),
  },
  'refuses with a code that is none': { bind: welcome, search: (socket, id) => socket.write(result(id, 0x65, 99)) },
  'answers a question as if it were a change': {
    bind: welcome,
    search: (socket, id) => socket.write(message(id, node(0x42))),
  },
};

/** Answers every question with one entry that has the value; the directory's own list of controls is empty. */
const showing =
  (value: string): Answer =>
  (socket, id) =>
    socket.write(Buffer.concat([entryOf(id, value), result(id, 0x65, 0)]));

/** A directory that lets us in and shows the value. */
export const tame = (value: string): { readonly [asked in Asked]?: Answer } => ({
  bind: welcome,
  search: showing(value),
});

/** Directories that show the old value, and are hostile when it is to be changed. */
export const atChanging = (value: string): Readonly<Record<string, Conduct>> => {
  const calm = tame(value);
  return {
    'never answers the change': { ...calm, modify: () => undefined },
    'closes at the change': { ...calm, modify: (socket) => socket.end() },
    'answers the change with garbage': { ...calm, modify: (socket) => socket.write(Buffer.alloc(100, 0x30)) },
    'answers another change': { ...calm, modify: (socket, id) => socket.write(result(id + 1, 0x67, 0)) },
    'says that the change is done, and shows the old value': {
      ...calm,
      modify: (socket, id) => socket.write(result(id, 0x67, 0)),
    },
  };
};

export interface Authority {
  readonly pem: string;
  readonly certificate: string;
  readonly key: string;
}

/** An authority, and a certificate of it for `localhost`. */
export async function certify(): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-hostile-'));
  try {
    const now = new Date();
    const authority = await createAuthority('Hostile directories', now);
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const request = execFileSync(
      'openssl',
      ['req', '-new', ...curve, '-subj', '/CN=x', '-keyout', join(folder, 'key')],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const certificate = await signCertificate(request, authority, { names: ['localhost'], days: 2, now });
    return { pem: authority.certificate, certificate, key: readFileSync(join(folder, 'key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface HostileDirectory {
  readonly url: string;
  readonly connections: () => number;
  /** Bytes that have gone out, all connections together. */
  readonly sent: () => number;
  close(): Promise<void>;
}

export async function hostileDirectory(conduct: Conduct, { certificate, key }: Authority): Promise<HostileDirectory> {
  const sockets = new Set<Socket>();
  const met: Socket[] = [];
  const meet = (socket: Socket): void => {
    socket.on('error', () => undefined);
    if ('bare' in conduct) return void (socket.resume(), conduct.bare(socket));
    socket.on('data', (bytes: Buffer) => {
      // Requests of these tests are small, and ids below 128: the second value of the message.
      const at = bytes[1]! < 128 ? 2 : 2 + (bytes[1]! & 127);
      const asked = operations[bytes[at + 3] ?? 0];
      if (asked) conduct[asked]?.(socket, bytes[at + 2]!);
    });
  };
  const server = 'bare' in conduct ? createServer(meet) : createTlsServer({ cert: certificate, key }, meet);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    met.push(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ldaps://localhost:${String((server.address() as { port: number }).port)}`,
    connections: () => sockets.size,
    sent: () => met.reduce((sum, socket) => sum + socket.bytesWritten, 0),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
