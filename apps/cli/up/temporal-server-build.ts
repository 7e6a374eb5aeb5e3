import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../folders.js';
import { goInstall } from './temporal-build.js';
import { UpRefused } from './refused.js';
import { runToEnd } from './run-program.js';
import type { Say } from './say.js';

/**
 * Temporal's server for production, and the tool that makes its tables. Both are built from source, where the Go checksum
 * database vouches for every module, or are named by the operator.
 */
const release = { version: '1.32.0', module: 'go.temporal.io/server' } as const;
const packages = { server: 'cmd/server', sql: 'cmd/tools/sql' } as const;

/** About how many packages the build compiles. */
const compiled = 2000;

export interface ServerPrograms {
  readonly server: string;
  readonly sqlTool: string;
}

/**
 * The programs that `TEMPORAL_SERVER_PATH` and `TEMPORAL_SQL_TOOL_PATH` name, else those in the cache, else built there.
 *
 * @throws UpRefused where there are none and they cannot be built
 */
export async function prepareServer(variables: NodeJS.ProcessEnv, say: Say): Promise<ServerPrograms> {
  const [server, sqlTool] = [variables['TEMPORAL_SERVER_PATH'], variables['TEMPORAL_SQL_TOOL_PATH']];
  if (server !== undefined && sqlTool !== undefined) return { server, sqlTool };
  if (server !== undefined || sqlTool !== undefined)
    throw new UpRefused(
      'one of TEMPORAL_SERVER_PATH and TEMPORAL_SQL_TOOL_PATH is set without the other, and they must be of one release',
      'set both, or neither',
    );
  const folder = join(cacheFolder(variables), 'bin', `temporal-server-${release.version}`);
  if (!existsSync(folder)) await build(folder, variables, say);
  return { server: join(folder, 'server'), sqlTool: join(folder, 'sql') };
}

/** Builds both, whole or not at all. */
async function build(folder: string, variables: NodeJS.ProcessEnv, say: Say): Promise<void> {
  const go = await runToEnd('go', ['version'], { seconds: 20 });
  if (go.code !== 0)
    throw new UpRefused(
      'there is no Temporal server for Postgres (BELAY_TEMPORAL_STORE=postgres), and no Go to build it',
      'install Go 1.24 or newer, or set TEMPORAL_SERVER_PATH and TEMPORAL_SQL_TOOL_PATH',
    );
  say(`building the Temporal server ${release.version} for Postgres with Go (once; about six minutes)`);
  mkdirSync(dirname(folder), { recursive: true });
  const draft = mkdtempSync(join(dirname(folder), 'building-'));
  try {
    const names = Object.values(packages).map((path) => `${release.module}/${path}@v${release.version}`);
    await goInstall(names, draft, compiled, variables, say);
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
