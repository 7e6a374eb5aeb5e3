import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { HttpNeeds } from './needs.js';
import type { ReadyRequest } from './ready-request.js';

/** A server that may not be reached from here, or whose certificate is not taken. */
export class NoLine extends Error {
  constructor(
    readonly kind: 'http/unreachable' | 'http/untrusted' | 'step/value-unusable',
    /** What is known; told to people. */
    readonly known: string,
  ) {
    super(known);
    this.name = 'NoLine';
  }
}

/**
 * A connection for one request, TLS included; nothing of the request is sent yet, so a failure here means that surely
 * nothing was done. The address is looked up once, judged, and then dialled itself: no name can change in between.
 *
 * @throws NoLine
 */
export async function openLine(
  { url, authority, address: given }: ReadyRequest,
  { allowed, limits }: Pick<HttpNeeds, 'allowed' | 'limits'>,
): Promise<Socket> {
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const deadline = AbortSignal.timeout(limits.connect);
  const known = given ?? (isIP(name) === 0 ? undefined : name);
  const addresses = known === undefined ? await lookUp(name, deadline) : [known];
  const forbidden = addresses.find((address) => !allowed(address));
  if (forbidden !== undefined)
    throw new NoLine('step/value-unusable', `${name} is ${forbidden}, which is not to be reached from the worker`);
  let last = new NoLine('http/unreachable', `${name} has no address`);
  for (const address of addresses) {
    try {
      return await dial(address, name, url, authority, deadline);
    } catch (error) {
      if (!(error instanceof NoLine) || error.kind !== 'http/unreachable') throw error;
      last = error;
    }
  }
  throw last;
}

async function lookUp(name: string, deadline: AbortSignal): Promise<string[]> {
  const late = once(deadline, 'abort').then(() => {
    throw new NoLine('http/unreachable', 'its name was not found in time');
  });
  const found = lookup(name, { all: true }).catch((error: unknown) => {
    throw new NoLine('http/unreachable', `its name was not found (${codeOf(error)})`);
  });
  late.catch(() => undefined);
  return (await Promise.race([found, late])).map(({ address }) => address);
}

async function dial(
  address: string,
  name: string,
  url: URL,
  authority: string | undefined,
  deadline: AbortSignal,
): Promise<Socket> {
  const secure = url.protocol === 'https:';
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port);
  const socket = secure
    ? connectTls({
        host: address,
        port,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
        ...(isIP(name) === 0 ? { servername: name } : {}),
        ...(authority === undefined ? {} : { ca: authority }),
      })
    : connectPlain({ host: address, port });
  socket.setNoDelay(true);
  try {
    await once(socket, secure ? 'secureConnect' : 'connect', { signal: deadline });
    return socket;
  } catch (error) {
    socket.destroy();
    const distrust = 'authorizationError' in socket ? (socket.authorizationError as unknown) : undefined;
    if (distrust)
      throw new NoLine(
        'http/untrusted',
        `the server's certificate is not trusted (${codeOf(distrust)}); nothing was sent`,
      );
    throw new NoLine('http/unreachable', `no connection (${deadline.aborted ? 'time-out' : codeOf(error)})`);
  }
}

/** `ECONNREFUSED` and the like. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : error;
  return typeof code === 'string' ? code : 'error';
}
