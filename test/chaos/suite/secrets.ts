import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { needle, searchFiles } from '../needles.js';
import { nodes, type Ground } from './ground.js';

/**
 * Where the run's secrets lie after all faults, in clear or coded: in files of Belay (logs, Postgres, Temporal) and of the
 * nodes, which no secret was sent to.
 *
 * @throws Error where a planted secret is not found: then the search is worth nothing
 */
export function secretsFound({ belay, lab, folder }: Ground): string[] {
  const password = readFileSync(lab.directory!.passwordFile, 'utf8');
  // The first lines of a key file are like those of other keys, or hold what is public; the last one may be short.
  const line = readFileSync(lab.keyFile, 'utf8').trim().split('\n').at(-3) ?? '';
  const needles = [needle('the password of the directory', password), needle('the key', line)];
  writeFileSync(join(folder, 'planted'), `x ${Buffer.from(`x${password}`).toString('base64')} x`);
  if (searchFiles(folder, needles, (path) => !path.endsWith('/planted')).length === 0)
    throw new Error('a planted secret was not found');
  const postgres = realpathSync(join(belay.data, 'postgres'));
  return [...new Set([belay.data, postgres]), ...nodes.map((host) => lab.host(host).upper)].flatMap((place) =>
    searchFiles(place, needles),
  );
}
