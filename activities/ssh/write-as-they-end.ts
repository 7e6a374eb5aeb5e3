import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds after which what has ended is written, although others have not ended yet. */
const patience = 2000;

/**
 * Waits for all results and writes them in one batch where they come together. Where one is late, because its step
 * takes long there or its host is lost, those that are there are written without it.
 *
 * @param write - is told whether these are the last ones
 */
export async function writeAsTheyEnd<Result>(
  working: readonly Promise<Result>[],
  write: (ended: readonly Result[], last: boolean) => Promise<void>,
  milliseconds = patience,
): Promise<Result[]> {
  const ended: Result[] = [];
  const all = Promise.all(working.map(async (one) => one.then((result) => (ended.push(result), result))));
  for (;;) {
    const results = await Promise.race([all, sleep(milliseconds, undefined, { ref: false })]);
    const batch = ended.splice(0);
    if (batch.length > 0) await write(batch, results !== undefined);
    if (results !== undefined) return results;
  }
}
