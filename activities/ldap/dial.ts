import { connect as dial, type TLSSocket } from 'node:tls';
import { serverNameOf, type Target } from './target.js';

/**
 * The library dials anew, silently and without a login, when a connection is gone. This line can be dialled once.
 * It is also where the certificate is checked, always, whatever the process's environment says.
 */
export function dialOnce(target: Target): { dial: typeof dial; untrusted: () => string | undefined; drop: () => void } {
  let socket: TLSSocket | undefined;
  const servername = serverNameOf(target);
  const options = {
    ca: target.authority,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    ...(servername === undefined ? {} : { servername }),
  };
  return {
    dial: ((port: number) => {
      if (socket) throw new Error('the connection is gone');
      socket = dial({ ...options, host: target.address ?? target.host, port });
      socket.setNoDelay(true);
      boundReading(socket);
      return socket;
    }) as typeof dial,
    untrusted: () => distrust(socket),
    drop: () => socket?.destroy(),
  };
}

/** Bytes that one connection may say: some questions about one entry, whose values are at most some MiB. */
const mostRead = 32 * 1024 * 1024;

/** The library keeps whatever comes until its time is over; a server that says too much is cut off before. */
function boundReading(socket: TLSSocket): void {
  let read = 0;
  // Not before: a listener makes data flow, and the library listens from then on, too.
  socket.once('secureConnect', () =>
    socket.on('data', (bytes: Buffer) => {
      read += bytes.length;
      if (read > mostRead) socket.destroy(new Error('the server says more than it was asked for'));
    }),
  );
}

/** The code of what was wrong with the certificate. */
function distrust(socket: TLSSocket | undefined): string | undefined {
  const error: unknown = socket?.authorizationError;
  if (!error) return undefined;
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? 'not valid') : String(error as string);
}
