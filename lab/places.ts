import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** Where the registry of standing labs and the locks lie: it goes with a restart of the machine, as the labs do. */
export const runFolder = '/run/belay-lab';

/** Where bases, images and package repositories are kept for all labs. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'belay', 'lab');
}

/** Where Debian's packages come from; `BELAY_LAB_MIRROR` names a nearer mirror. */
export function debianMirror(): string {
  return process.env.BELAY_LAB_MIRROR ?? 'http://deb.debian.org/debian';
}

/** Where Belay keeps what must outlive a restart of its own. */
export function dataFolder(): string {
  return process.env.BELAY_DATA ?? join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'), 'belay');
}

export function defaultLabFolder(lab: string): string {
  return join(dataFolder(), 'labs', lab);
}

/** The project's top folder: scripts and data files are read from there, whether this runs from source or built. */
export function projectFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
}

/** A file of this room that is not TypeScript. */
export function roomFile(name: string): string {
  return join(projectFolder(), 'lab', name);
}
