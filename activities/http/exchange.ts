import { request as send, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { NoLine, openLine } from './line.js';
import type { HttpNeeds } from './needs.js';
import type { ReadyRequest } from './ready-request.js';

/** What came of a request. */
export type Exchanged =
  | { readonly how: 'answered'; readonly answer: Answer }
  /** Nothing of it was sent. */
  | { readonly how: 'not-sent'; readonly why: NoLine }
  /** It was sent, at least in part, and nobody can say what became of it. */
  | { readonly how: 'lost'; readonly why: string };

/** What a server said. */
export interface Answer {
  readonly status: number;
  readonly location?: string;
  readonly body: Buffer;
  /** False where the body is longer than is read, or broke off. */
  readonly whole: boolean;
}

type Way = Pick<HttpNeeds, 'allowed' | 'limits'>;

/** Redirects of a question that are followed, to the same origin alone. */
const mostRedirects = 5;

/** Sends a request once, on a connection of its own. It never follows a redirect. */
export async function exchange(way: Way, request: ReadyRequest, stop: AbortSignal): Promise<Exchanged> {
  let socket: Socket;
  try {
    if (stop.aborted) return { how: 'not-sent', why: new NoLine('http/unreachable', 'there was no time left') };
    socket = await openLine(request, way);
  } catch (error) {
    if (!(error instanceof NoLine)) throw error;
    return { how: 'not-sent', why: error };
  }
  try {
    return { how: 'answered', answer: await answered(request, socket, way.limits.body, stop) };
  } catch (error) {
    return { how: 'lost', why: stop.aborted ? 'time-out' : lossOf(error) };
  } finally {
    socket.destroy();
  }
}

/** Asks a question, which changes nothing, following redirects within its origin where they are not the answer. */
export async function ask(way: Way, request: ReadyRequest, stop: AbortSignal): Promise<Exchanged> {
  let asked = request;
  for (let redirects = 0; ; redirects++) {
    const exchanged = await exchange(way, asked, stop);
    if (exchanged.how !== 'answered' || redirects >= mostRedirects) return exchanged;
    const onward = redirectOf(asked, exchanged.answer);
    if (!onward) return exchanged;
    asked = { ...asked, url: onward };
  }
}

/** Headers may hold secrets, so another origin never gets them. */
function redirectOf({ url, expect }: ReadyRequest, { status, location }: Answer): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return undefined;
  if (expect.status !== 'success' && expect.status.includes(status)) return undefined;
  const onward = URL.parse(location, url.href);
  return onward && onward.origin === url.origin && onward.username === '' ? onward : undefined;
}

async function answered(
  { method, url, headers, body }: ReadyRequest,
  socket: Socket,
  limit: number,
  stop: AbortSignal,
): Promise<Answer> {
  const length = body.length > 0 || ['POST', 'PUT', 'PATCH'].includes(method) ? { 'Content-Length': body.length } : {};
  const own = { Host: url.host, Connection: 'close', 'Accept-Encoding': 'identity', ...length };
  const outgoing = send({
    createConnection: () => socket,
    method,
    path: `${url.pathname}${url.search}`,
    headers: { 'User-Agent': 'belay', Accept: '*/*', ...headers, ...own },
    setHost: false,
    signal: stop,
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
  const { bytes, whole } = await read(response, limit);
  const { location } = response.headers;
  return { status: response.statusCode ?? 0, body: bytes, whole, ...(location === undefined ? {} : { location }) };
}

/** A status is an answer even where the body breaks off. */
async function read(response: IncomingMessage, limit: number): Promise<{ bytes: Buffer; whole: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) return { bytes: Buffer.concat(chunks), whole: false };
      chunks.push(chunk);
    }
    return { bytes: Buffer.concat(chunks), whole: response.complete };
  } catch {
    return { bytes: Buffer.concat(chunks), whole: false };
  }
}

function lossOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'connection lost';
}
