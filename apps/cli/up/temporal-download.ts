import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporalRelease } from './temporal-release.js';
import { runToEnd } from './run-program.js';
import { UpRefused } from './refused.js';
import type { Say } from './say.js';

/**
 * Fetches the official release into `target`. False where none is listed for this platform, or it cannot be reached.
 *
 * @throws UpRefused where the archive is not the one that was pinned
 */
export async function downloadTemporal(
  target: string,
  say: Say,
  archives = temporalRelease.archives,
): Promise<boolean> {
  const archive = archives[`${process.platform}-${process.arch}`];
  if (archive === undefined) return false;
  say(`fetching the Temporal server ${temporalRelease.cli} (once; about 60 MB)`);
  const bytes = await fetchWithin(archive.url);
  if (bytes === undefined) {
    say(`${archive.url} cannot be reached`);
    return false;
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== archive.sha256)
    throw new UpRefused(
      `${archive.url} has the SHA-256 ${found}, not the pinned ${archive.sha256}`,
      'do not use it; build the server with Go, or set TEMPORAL_CLI_PATH',
    );
  await unpack(bytes, target);
  return true;
}

/** Ten seconds to answer, five minutes in all. */
async function fetchWithin(url: string): Promise<Uint8Array | undefined> {
  const given = new AbortController();
  const unanswered = setTimeout(() => given.abort(), 10_000);
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([given.signal, AbortSignal.timeout(300_000)]) });
    clearTimeout(unanswered);
    return answer.ok ? new Uint8Array(await answer.arrayBuffer()) : undefined;
  } catch {
    return undefined;
  } finally {
    clearTimeout(unanswered);
  }
}

async function unpack(bytes: Uint8Array, target: string): Promise<void> {
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), 'unpacking-'));
  try {
    writeFileSync(join(folder, 'archive'), bytes);
    const end = await runToEnd('tar', ['-xzf', join(folder, 'archive'), '-C', folder, 'temporal']);
    if (end.code !== 0)
      throw new UpRefused(`the Temporal archive cannot be unpacked: ${end.output.trim()}`, 'install tar');
    renameSync(join(folder, 'temporal'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
