import type { Client } from 'ssh2';
import { connect } from '../activities/ssh/connect.js';
import type { Destination } from '../activities/ssh/session.js';

/**
 * Connections as a script without Belay opens them: one a host, at once. They are opened as Belay opens its own (keys
 * pinned, Nagle off), so that only what happens on them is compared.
 */
export async function openAll(destinations: readonly Destination[]): Promise<readonly Client[]> {
  return Promise.all(destinations.map(async (destination) => connect(destination)));
}

export function closeAll(clients: readonly Client[]): void {
  for (const client of clients) client.end();
}

/** One `exec` a step on each host, hosts in parallel. Nothing is written down, nothing survives. */
export async function bareLoop(clients: readonly Client[], steps: number, command: string): Promise<void> {
  await Promise.all(
    clients.map(async (client) => {
      for (let step = 0; step < steps; step += 1) await execute(client, command);
    }),
  );
}

async function execute(client: Client, command: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error) return reject(error);
      channel.on('close', (code: number | null) =>
        code === 0 ? resolve() : reject(new Error(`${command} ended with ${String(code)}`)),
      );
      channel.resume();
      channel.stderr.resume();
    });
  });
}
