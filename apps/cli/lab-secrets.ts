import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { ApiClient } from './api-client.js';
import { clientOf } from './client-of.js';
import { projectFolder } from './folders.js';
import { storeSecret } from './store-secret.js';
import { Stop } from './stop.js';
import { say, type World } from './world.js';

const standing = z.object({
  folder: z.string(),
  key: z.string(),
  directory: z.object({ passwordFile: z.string() }).optional(),
});

/**
 * Stores what an inventory of a lab names, after a lab was made: the key of its hosts, the password of its directory, and
 * what a checkpoint has carried along in `with/secrets`. Where Belay does not run, it is told what is to be done.
 */
export async function keepSecretsOfLab(world: World, words: readonly string[]): Promise<void> {
  if (!words.some((word) => word === 'up' || word === 'restore')) return;
  const files = await secretsOf(nameIn(words));
  try {
    await storeAll(world, clientOf(world), files);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const commands = [...files].map(([name, file]) => `belay secret set ${name} <${file}`);
    say(world, [`${error.message}; then, for runs on these hosts:`, ...commands].join('\n  '));
  }
}

async function storeAll(world: World, client: ApiClient, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, file] of files) await storeSecret(client, name, await readFile(file));
  say(world, `stored for runs, sealed to the worker: ${[...files.keys()].join(', ')}`);
}

/** Files of secrets, by the names under which they are stored. */
async function secretsOf(lab: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const program = join(projectFolder(), 'build', 'lab', 'main.js');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...lab, 'status', '--json']);
  const { folder, key, directory } = standing.parse(JSON.parse(stdout));
  const carried = join(folder, 'with', 'secrets');
  const names = await readdir(carried).catch(() => []);
  return new Map([
    ['lab-key', key],
    ...(directory ? [['directory-password', directory.passwordFile] as const] : []),
    ...names.sort().map((name) => [name, join(carried, name)] as const),
  ]);
}

/** The words that say which lab is meant. */
function nameIn(words: readonly string[]): string[] {
  const at = words.findIndex((word) => word === '--name' || word.startsWith('--name='));
  return at < 0 ? [] : words.slice(at, words[at] === '--name' ? at + 2 : at + 1);
}
