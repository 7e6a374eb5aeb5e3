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
      socket = dial({ ...options, host: target.host, port });
      socket.setNoDelay(true);
      return socket;
    }) as typeof dial,
    untrusted: () => distrust(socket),
    drop: () => socket?.destroy(),
  };
}

/** The code of what was wrong with the certificate. */
function distrust(socket: TLSSocket | undefined): string | undefined {
  const error: unknown = socket?.authorizationError;
  if (!error) return undefined;
  return error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? 'not valid') : String(error as string);
}
