import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dataFolder } from './folders.js';
import { Stop } from './stop.js';
import type { World } from './world.js';

/** Where the API is, and what to show at its door. */
export interface Door {
  readonly url: string;
  readonly token: string;
  /** Temporal's web UI, where `belay up` told of one. */
  readonly web?: string;
}

/**
 * Finds the API through `BELAY_API_URL`, or through what `belay up` left in the data folder.
 *
 * @throws Stop where there is none, or its token cannot be read
 */
export function findApi(world: World): Door {
  const folder = dataFolder(world.environment);
  const up = readUp(join(folder, 'up.json'));
  const url = world.environment['BELAY_API_URL'] ?? up?.api;
  if (url === undefined) throw notRunning(`there is no ${join(folder, 'up.json')}`);
  if (!/^https?:\/\/[^/\s]+\/?$/.test(url))
    throw new Stop(`BELAY_API_URL must look like http://127.0.0.1:7243, not ${url}`);
  const token = readToken(join(folder, 'api-token'));
  return { url: url.replace(/\/$/, ''), token, ...(up?.web !== undefined && { web: up.web }) };
}

/** The line that is printed whenever nothing answers. */
export function notRunning(how: string): Stop {
  return new Stop(`Belay is not running (${how}); start it with: belay up`);
}

function readUp(file: string): { api?: string; web?: string } | undefined {
  try {
    const up: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof up === 'object' && up !== null ? up : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Stop(`${file} cannot be read: ${(error as Error).message}`);
  }
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') throw notRunning(`there is no token in ${file}`);
    throw new Stop(
      `the token in ${file} cannot be read (${code ?? 'unknown reason'}); you may need to be another user`,
    );
  }
}
