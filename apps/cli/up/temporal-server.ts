import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../folders.js';
import { buildTemporal } from './temporal-build.js';
import { downloadTemporal } from './temporal-download.js';
import { temporalRelease } from './temporal-release.js';
import { UpRefused } from './refused.js';
import { runToEnd } from './run-program.js';
import type { Say } from './say.js';

/**
 * The Temporal CLI, whose development server Belay runs: `TEMPORAL_CLI_PATH`, then `temporal` on the PATH if it is
 * new enough, then the one in the cache. Undefined where there is none yet.
 *
 * @throws UpRefused where `TEMPORAL_CLI_PATH` names something that does not do
 */
export async function findTemporal(variables: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = variables['TEMPORAL_CLI_PATH'];
  if (named !== undefined && named !== '') {
    if (await isNewEnough(named)) return named;
    const oldest = temporalRelease.oldestServer.join('.');
    throw new UpRefused(
      `TEMPORAL_CLI_PATH names ${named}, which is no Temporal CLI with a server of ${oldest} or newer`,
      'correct it, or unset it',
    );
  }
  for (const found of [onPath(variables), cachedTemporal(variables)])
    if (found !== undefined && (await isNewEnough(found))) return found;
  return undefined;
}

/**
 * As {@link findTemporal}; what is not there is had from the official release, or built with Go.
 *
 * @throws UpRefused where neither can be done
 */
export async function prepareTemporal(variables: NodeJS.ProcessEnv, say: Say): Promise<string> {
  const found = await findTemporal(variables);
  if (found !== undefined) return found;
  const target = join(cacheFolder(variables), 'bin', 'temporal');
  if ((await downloadTemporal(target, say)) || (await buildTemporal(target, variables, say))) return target;
  throw new UpRefused(
    'there is no Temporal server, and Belay carries every run out on one',
    `install Go 1.24 or newer (it is then built once), or the Temporal CLI ${temporalRelease.cli} or newer on the PATH, or set TEMPORAL_CLI_PATH`,
  );
}

function cachedTemporal(variables: NodeJS.ProcessEnv): string | undefined {
  const file = join(cacheFolder(variables), 'bin', 'temporal');
  return existsSync(file) ? file : undefined;
}

function onPath(variables: NodeJS.ProcessEnv): string | undefined {
  const files = (variables['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'temporal'));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** `temporal --version` names the server inside: `temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)`. */
async function isNewEnough(file: string): Promise<boolean> {
  const { code, output } = await runToEnd(file, ['--version'], { seconds: 20 });
  const version = /Server (\d+)\.(\d+)/.exec(output);
  if (code !== 0 || version === null) return false;
  const [oldestMajor, oldestMinor] = temporalRelease.oldestServer;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}
