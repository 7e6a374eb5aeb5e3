import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { joined, readOutcome, type Outcome } from './outcome.js';
import type { Shard } from './sample.js';

/**
 * Forces the same faults on several grounds at once, each in a process of its own, and joins what they found.
 *
 * @param words - what each of them is told besides its part
 * @param lost - what is to be said of a part whose process has left nothing, so that the others keep what they found
 */
export async function sideBySide(
  grounds: number,
  words: readonly string[],
  seed: number,
  lost: (part: Shard, why: unknown) => Outcome,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-chaos-rows-'));
  try {
    const files = Array.from({ length: grounds }, (_, index) => join(folder, String(index + 1)));
    await Promise.all(
      files.map(async (file, index) =>
        onePart(`${String(index + 1)}/${String(grounds)}`, [...words, '--rows', file], seed),
      ),
    );
    return joined(files.map((file, index) => leftIn(file, (why) => lost({ part: index + 1, of: grounds }, why))));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function leftIn(file: string, lost: (why: unknown) => Outcome): Outcome {
  try {
    return readOutcome(file);
  } catch (error) {
    return lost(error);
  }
}

async function onePart(shard: string, words: readonly string[], seed: number): Promise<void> {
  const program = join(import.meta.dirname, 'main.js');
  const child = spawn(process.execPath, [program, ...words, '--shard', shard], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BELAY_SEED: String(seed) },
  });
  createInterface({ input: child.stdout }).on('line', (line) => process.stdout.write(`[${shard}] ${line}\n`));
  // Each takes its own lab down before it ends, and is waited for.
  const stop = (): void => void child.kill('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, stop);
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop);
}
