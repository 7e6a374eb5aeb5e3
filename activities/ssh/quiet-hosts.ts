import { setTimeout as sleep } from 'node:timers/promises';
import { liveness } from './liveness.js';
import type { Destination, Sessions } from './session.js';

/** A host on which something of an ended run may still go on. */
export interface RestlessHost {
  readonly host: string;
  readonly destination: Destination;
  readonly holder: number;
  /** Names on the host. */
  readonly tasks: readonly string[];
}

export interface QuietNeeds {
  readonly sessions: Sessions;
  /** Hosts with tasks of the run whose outcome is open or unknown, each with a fresh holder number. */
  restlessHosts(run: string): Promise<readonly RestlessHost[]>;
}

/** Milliseconds for which a host that does not answer is asked again. */
const patience = 5 * 60_000;

/**
 * Ends what a run that is over still has running on its hosts, before its leases go to others. A host that does not
 * answer for five minutes is passed over: whoever comes next takes a higher holder number, and the journal tells them.
 */
export async function quietHosts(needs: QuietNeeds, run: string): Promise<void> {
  const life = liveness();
  try {
    const hosts = await needs.restlessHosts(run);
    await life.unlessDetached(Promise.all(hosts.map(async (host) => quietHost(needs.sessions, host))));
  } finally {
    life.end();
  }
}

async function quietHost(sessions: Sessions, { destination, holder, tasks }: RestlessHost): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    try {
      const session = await sessions.open(destination, holder);
      for (const task of tasks) await session.quiet(task);
      return;
    } catch {
      if (Date.now() > deadline) return;
      await sleep(5000);
    }
  }
}
