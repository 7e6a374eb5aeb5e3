import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { temporalRelease } from './temporal-release.js';
import { runToEnd } from './run-program.js';
import { UpRefused } from './refused.js';
import type { Say } from './say.js';

/** About how many packages the build compiles, for a fair word on how far it is. */
const packages = 1500;

/**
 * Builds the Temporal CLI with Go into `target`, whole or not at all. False where there is no Go.
 *
 * @throws UpRefused where the build fails
 */
export async function buildTemporal(target: string, variables: NodeJS.ProcessEnv, say: Say): Promise<boolean> {
  const go = await runToEnd('go', ['version'], { seconds: 20 });
  if (go.code !== 0) return false;
  say(`building the Temporal server ${temporalRelease.cli} with Go (once; about three minutes)`);
  mkdirSync(dirname(target), { recursive: true });
  const folder = mkdtempSync(join(dirname(target), 'building-'));
  try {
    await goInstall([`${temporalRelease.module}@v${temporalRelease.cli}`], folder, packages, variables, say);
    renameSync(join(folder, 'temporal'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return true;
}

/**
 * Builds programs with `go install` into a folder, telling how far it is.
 *
 * @param about - how many packages that compiles
 * @throws UpRefused where the build fails
 */
export async function goInstall(
  names: readonly string[],
  folder: string,
  about: number,
  variables: NodeJS.ProcessEnv,
  say: Say,
): Promise<void> {
  const child = spawn('go', ['install', '-v', ...names], {
    env: { ...variables, GOBIN: folder, CGO_ENABLED: '0', GOFLAGS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const started = Date.now();
  let compiled = 0;
  let last = '';
  const report = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    say(
      `  ${String(seconds)} s: ${compiled === 0 ? 'downloading' : `${String(compiled)} of about ${String(about)} packages compiled`}`,
    );
  }, 15_000);
  createInterface({ input: child.stderr }).on('line', (line) => {
    last = line;
    if (!line.startsWith('go: ')) compiled += 1;
  });
  const code = await new Promise<number>((resolve) => {
    child.on('error', () => resolve(127));
    child.on('close', (exit) => resolve(exit ?? 128));
  }).finally(() => clearInterval(report));
  if (code === 0) return;
  throw new UpRefused(
    `the Temporal server, on which Belay carries every run out, could not be built: ${last}`,
    'see that the Go module proxy can be reached, or set TEMPORAL_CLI_PATH to a Temporal CLI',
  );
}
