import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { needle, searchFiles, type Needle } from '../needles.js';
import { searchHost } from '../search-host.js';
import { directoryHost, nodes, type Ground } from './ground.js';

/**
 * Looks for secrets where they must not lie, in clear or coded: in files of Belay (logs, Postgres, Temporal) and of the
 * hosts, on disk and in memory. The step `first` brings its hosts one.
 */
export interface SecretSearch {
  /** Where they lie, of what was written since this was asked last. */
  changed(): Promise<string[]>;
  /** Where they lie, of all there is; where one that was planted for this was overlooked, that too. */
  all(): Promise<string[]>;
}

/** Milliseconds by which the time of a file may be behind: the clock of the kernel for files is a coarse one. */
const coarse = 1000;

/** @throws Error where a secret that is planted is not found: then the search is worth nothing */
export async function openSearch(ground: Ground): Promise<SecretSearch> {
  const needles = needlesOf(ground);
  let since = Date.now();
  const changed = async (): Promise<string[]> => {
    const before = since - coarse;
    since = Date.now();
    return found(ground, needles, (path) => changedAt(path) < before);
  };
  const { missed } = await besidePlanted(ground, changed);
  if (missed.length > 0) throw new Error(missed.join('; '));
  return {
    changed,
    all: async () => {
      const { missed: overlooked, others } = await besidePlanted(ground, async () => found(ground, needles));
      return [...overlooked, ...others];
    },
  };
}

function needlesOf({ lab, token }: Ground): Needle[] {
  // The first lines of a key file are like those of other keys, or hold what is public; the last one may be short.
  const line = readFileSync(lab.keyFile, 'utf8').trim().split('\n').at(-3) ?? '';
  return [
    needle(password, readFileSync(lab.directory!.passwordFile, 'utf8')),
    needle('the key', line),
    needle('the token', token),
  ];
}

const password = 'the password of the directory';

const filesOf = ({ belay }: Ground): string[] => [...new Set([belay.data, realpathSync(join(belay.data, 'postgres'))])];

async function found(
  ground: Ground,
  needles: readonly Needle[],
  except?: (path: string) => boolean,
): Promise<string[]> {
  const here = filesOf(ground).flatMap((place) => searchFiles(place, needles, except));
  // The directory's own server keeps the password that it asks for.
  const unknownToIt = needles.filter(({ name }) => name !== password);
  const onHosts = [...nodes, directoryHost].map(async (host) =>
    searchHost(ground.lab, host, host === directoryHost ? unknownToIt : needles, except),
  );
  return [...here, ...(await Promise.all(onHosts)).flat()];
}

function changedAt(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0;
}

/** Searches with a coded secret planted in each kind of place. @returns where that was missed, and what else was found */
async function besidePlanted(
  ground: Ground,
  search: () => Promise<string[]>,
): Promise<{ missed: string[]; others: string[] }> {
  const coded = `x ${Buffer.from(`x${ground.token}`).toString('base64')} x`;
  const places = [
    ...filesOf(ground).map((folder) => ({ at: folder, seen: folder })),
    ...(await foldersOfHosts(ground)),
  ].map(({ at, seen }) => ({ at: join(at, 'planted'), seen: join(seen, 'planted') }));
  try {
    for (const { at } of places) await writeFile(at, coded);
    const lines = await search();
    const wanted = places.map(({ seen }) => `the token in ${seen}`);
    const missed = wanted
      .filter((line) => !lines.includes(line))
      .map((line) => `a planted secret is not found: ${line}`);
    return { missed, others: lines.filter((line) => !wanted.includes(line)) };
  } finally {
    for (const { at } of places) await rm(at, { force: true });
  }
}

/** Where a host writes, and where the search finds that: its own layer is written through what lies over it. */
async function foldersOfHosts({ lab }: Ground): Promise<{ at: string; seen: string }[]> {
  const each = [...nodes, directoryHost].map(async (host) => {
    const inside = await lab.inside(host);
    if (inside === undefined) return [];
    const memory = ['run', 'dev/shm'].map((folder) => join(inside, folder));
    return [
      { at: join(inside, 'srv'), seen: join(lab.host(host).upper, 'srv') },
      ...memory.map((folder) => ({ at: folder, seen: folder })),
    ];
  });
  return (await Promise.all(each)).flat();
}
