import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks again and again until the answer is true.
 *
 * @param seconds - after these the answer is false
 */
export async function waitUntil(
  so: () => boolean | Promise<boolean>,
  seconds: number,
  everyMilliseconds = 100,
): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    if (await so()) return true;
    await pause(everyMilliseconds);
  }
  return so();
}
