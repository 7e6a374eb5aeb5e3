import { randomUUID } from 'node:crypto';
import type { HostReply } from '../../model/answers.js';
import type { HostCheckArgument, HostKeyArgument, HostScanArgument } from '../../model/host-requests.js';
import { Problem } from './problem.js';
import type { Workflows } from './workflows.js';

/** Seconds that a host may take. */
const patience = 45;

/**
 * Asks a host something through a short workflow on the worker.
 *
 * @throws Problem `host/refused` with what the host's failure says, `host/busy` where no worker answered in time
 */
export async function askHost<T>(
  workflows: Workflows,
  type: 'hostScan' | 'hostCheck' | 'hostClean' | 'hostKey',
  argument: HostScanArgument | HostCheckArgument | HostKeyArgument,
): Promise<T> {
  const reply = await workflows.ask<HostReply<T>>(type, `${type}:${argument.host}:${randomUUID()}`, argument, patience);
  if ('ok' in reply) return reply.ok;
  const { kind, tried, known, next } = reply.failure;
  throw new Problem('host/refused', `${kind}: ${tried}: ${known}; ${next}`);
}
