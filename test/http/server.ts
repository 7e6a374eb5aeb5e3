import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { serverCertificate } from '../certificates/server-certificate.js';

/** A real server that keeps what it is given below `/things/`, and fails where the path says so. */
export interface ThingServer {
  readonly port: number;
  readonly plainPort: number;
  readonly authority: string;
  readonly things: Map<string, string>;
  /** `METHOD path` of every request, in order. */
  readonly requests: string[];
  /** Headers of every request. */
  readonly headers: IncomingMessage['headers'][];
  /** As if nothing had been asked of it. */
  forget(): void;
  close(): Promise<void>;
}

export async function startThingServer(): Promise<ThingServer> {
  const { authority, certificate, key } = await serverCertificate();
  const things = new Map<string, string>();
  const requests: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = [];
    requests.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => answer(things, request, Buffer.concat(chunks).toString('utf8'), response));
  };
  const secure = createSecure({ cert: certificate, key }, serve).listen(0, '127.0.0.1');
  const plain = createPlain(serve).listen(0, '127.0.0.1');
  await Promise.all([once(secure, 'listening'), once(plain, 'listening')]);
  const portOf = (server: typeof secure | typeof plain): number => (server.address() as AddressInfo).port;
  return {
    port: portOf(secure),
    plainPort: portOf(plain),
    authority,
    things,
    requests,
    headers,
    forget: () => {
      things.clear();
      requests.length = 0;
      headers.length = 0;
    },
    close: async () => {
      for (const server of [secure, plain]) {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      }
    },
  };
}

/** A server for the tests of one file; what one test has left there is gone before the next. */
export function serveThings(): ThingServer {
  const server = {} as ThingServer;
  beforeAll(async () => void Object.assign(server, await startThingServer()));
  afterAll(async () => server.close());
  afterEach(() => server.forget());
  return server;
}

/** `?lost=after` does it and hangs up; `?lost=before` hangs up; `?status=` answers so and does nothing. */
function answer(things: Map<string, string>, request: IncomingMessage, body: string, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://x');
  const ask = (name: string): string | null => url.searchParams.get(name);
  const to = ask('to');
  if (to !== null) return void response.writeHead(302, { Location: to }).end();
  if (ask('silent') !== null) return undefined;
  if (ask('lost') === 'before') return void request.socket.destroy();
  const status = ask('status') ?? done(things, request.method ?? '', url.pathname, body);
  if (ask('lost') === 'after') return void request.socket.destroy();
  const text = ask('big') === null ? (things.get(url.pathname) ?? '') : 'x'.repeat(3_000_000);
  response.writeHead(Number(status), { 'Content-Type': 'application/json' }).end(text);
}

function done(things: Map<string, string>, method: string, path: string, body: string): number {
  const there = things.has(path);
  if (method === 'GET') return there ? 200 : 404;
  if (method === 'POST') things.set(path, (things.get(path) ?? '') + body);
  else if (method === 'PUT') things.set(path, body);
  else if (method === 'DELETE' && !things.delete(path)) return 404;
  return there ? 200 : 201;
}
