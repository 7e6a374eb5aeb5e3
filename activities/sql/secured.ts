import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import type { ReadyServer } from './ready-operation.js';

/** A server whose certificate is not taken, or that speaks no TLS. Nothing was sent that could log anybody in. */
export class Untrusted extends Error {}

/** What asks a server for TLS before anything else: a length of 8, and the number of the request. */
const request = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
const yes = 83;

/**
 * A stream on which TLS stands, with a server that has shown a certificate of the authority for the name.
 *
 * @throws Untrusted; another error where the stream ends
 */
export async function secured(stream: Duplex, tls: NonNullable<ReadyServer['tls']>): Promise<TLSSocket> {
  const answer = await firstBytes(stream);
  // More than one byte was not said by the server under TLS: somebody between may have put it there.
  if (answer.length !== 1 || answer[0] !== yes) throw new Untrusted('it speaks no TLS');
  const { authority, name } = tls;
  const safe = connect({
    socket: stream as Socket,
    ca: authority,
    host: name,
    ...servername(name),
    minVersion: 'TLSv1.2',
  });
  return new Promise((resolve, reject) => {
    safe.once('secureConnect', () => resolve(safe));
    safe.once('error', (error: Error & { code?: string }) =>
      reject(isAboutCertificates(error.code) ? new Untrusted(`its certificate is not taken (${error.code})`) : error),
    );
    stream.once('close', () => setImmediate(() => reject(new Error('the connection was closed'))));
  });
}

async function firstBytes(stream: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const closed = (): void => reject(new Error('the connection was closed'));
    stream.once('close', closed);
    stream.once('data', (bytes: Buffer) => {
      stream.pause();
      stream.off('close', closed);
      resolve(bytes);
    });
    stream.write(request);
  });
}

/** An address is no name that could be asked for (RFC 6066); it is compared with the certificate all the same. */
function servername(name: string): { servername?: string } {
  return /^[\d.]+$|:/.test(name) ? {} : { servername: name };
}

function isAboutCertificates(code = ''): boolean {
  return /CERT|SIGNATURE|ALTNAME|ISSUER|CHAIN/.test(code);
}

/** A stream that stands already, in the shape in which pg wants a socket that it may connect. */
export function asSocket(stream: Duplex): Socket {
  const same = (): unknown => socket;
  const socket = Object.assign(stream, {
    setNoDelay: same,
    setKeepAlive: same,
    ref: same,
    unref: same,
    connect: () => {
      setImmediate(() => stream.emit('connect'));
      return socket;
    },
  }) as unknown as Socket;
  return socket;
}
