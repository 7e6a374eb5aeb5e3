import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { UpRefused } from './refused.js';

/**
 * Holds a data folder for this process. The lock is a name in the kernel (an abstract socket): it is taken by one
 * process at a time, and goes when that process does, however it ends.
 *
 * @throws UpRefused where another process holds it
 */
export async function holdData(data: string): Promise<{ release(): void }> {
  const name = createHash('sha256').update(realpathSync(data)).digest('hex').slice(0, 32);
  const server = createServer((caller) => caller.destroy());
  try {
    await listen(server, `\0belay-up-${name}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new UpRefused(
      `another \`belay up\` already runs on ${data}`,
      'use it, stop it first, or set BELAY_DATA to another folder',
    );
  }
  server.unref();
  return { release: () => void server.close() };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
