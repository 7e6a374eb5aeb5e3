import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** A stream that stands already, in the shape in which pg wants a socket that it may connect. */
export interface Carried {
  readonly socket: Socket;
  /** What the server said when it was asked for TLS. */
  speaksTls(): 'yes' | 'no' | 'unasked';
}

/** 'N', by which a server says that it speaks no TLS. */
const no = 78;

export function asSocket(stream: Duplex): Carried {
  let said: 'yes' | 'no' | 'unasked' = 'unasked';
  const same = (): unknown => socket;
  const socket = Object.assign(stream, {
    setNoDelay: same,
    setKeepAlive: same,
    ref: same,
    unref: same,
    connect: () => {
      stream.once('data', (first: Buffer) => (said = first[0] === no ? 'no' : 'yes'));
      setImmediate(() => stream.emit('connect'));
      return socket;
    },
  }) as unknown as Socket;
  return { socket, speaksTls: () => said };
}
