import { setTimeout as sleep } from 'node:timers/promises';

/**
 * The moments at which a lost host is asked again: after 1 s, then at growing intervals of at most 15 s, until
 * `seconds` have passed or somebody cancels. The last one is at the deadline.
 */
export async function* askAgain(seconds: number, signal: AbortSignal): AsyncGenerator<void> {
  const deadline = Date.now() + seconds * 1000;
  for (let wait = 1000; Date.now() < deadline && !signal.aborted; wait = Math.min(wait * 2, 15_000)) {
    await sleep(Math.min(wait, Math.max(0, deadline - Date.now())), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    yield;
  }
}
