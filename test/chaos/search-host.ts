import { join } from 'node:path';
import type { Lab } from '../../lab/lab.js';
import { searchFiles, type Needle } from './needles.js';

/**
 * `name in path` for every file of a host in which one of these lies: of its own layer, Belay's root-only folder
 * included, and while it is on of what it keeps in memory, where secrets are staged.
 */
export async function searchHost(
  lab: Lab,
  name: string,
  needles: readonly Needle[],
  except?: (path: string) => boolean,
): Promise<string[]> {
  const memory = await lab.inside(name);
  const places = [
    lab.host(name).upper,
    ...(memory === undefined ? [] : [join(memory, 'run'), join(memory, 'dev/shm')]),
  ];
  return places.flatMap((place) => searchFiles(place, needles, except));
}
