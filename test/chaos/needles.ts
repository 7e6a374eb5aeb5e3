import { closeSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** Something that must be found nowhere, in the forms in which it could be. */
export interface Needle {
  readonly name: string;
  readonly forms: readonly Buffer[];
}

/** A value in clear, in hex, and in base64 at each of the three places where a longer base64 text could begin. */
export function needle(name: string, value: string): Needle {
  const bytes = Buffer.from(value);
  const hex = bytes.toString('hex');
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last letters also carry bits of what stands beside the value.
    return text.slice(shift === 0 ? 0 : 4, -1);
  });
  const urls = base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return {
    name,
    forms: [...new Set([value, hex, hex.toUpperCase(), ...base64, ...urls])].map((form) => Buffer.from(form)),
  };
}

/** The names of what `bytes` hold. */
export function hits(bytes: Buffer, needles: readonly Needle[]): string[] {
  return needles.filter(({ forms }) => forms.some((form) => bytes.includes(form))).map(({ name }) => name);
}

/** `name in path` for every file under a folder, links not followed; what vanishes meanwhile is passed over. */
export function searchFiles(
  folder: string,
  needles: readonly Needle[],
  except: (path: string) => boolean = () => false,
): string[] {
  return filesUnder(folder)
    .filter((path) => !except(path))
    .flatMap((path) => searchFile(path, needles));
}

const chunk = 4 * 1024 * 1024;
const overlap = 8192;

function searchFile(path: string, needles: readonly Needle[]): string[] {
  const found = new Set<string>();
  const buffer = Buffer.alloc(chunk + overlap);
  try {
    const file = openSync(path, 'r');
    try {
      for (let at = 0, kept = 0; ;) {
        const read = readSync(file, buffer, kept, chunk, at);
        if (read === 0) break;
        for (const name of hits(buffer.subarray(0, kept + read), needles)) found.add(name);
        at += read;
        const end = kept + read;
        kept = Math.min(overlap, end);
        buffer.copyWithin(0, end - kept, end);
      }
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (!['ENOENT', 'ENXIO', 'EINVAL'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return [...found].map((name) => `${name} in ${path}`);
}

function filesUnder(folder: string): string[] {
  const names = ((): string[] => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  })();
  return names.flatMap((name) => {
    const path = join(folder, name);
    const what = lstatSync(path, { throwIfNoEntry: false });
    if (what?.isDirectory()) return filesUnder(path);
    return what?.isFile() ? [path] : [];
  });
}

/** Reads the argument list of every process of this machine, again and again, until it is told to stop. */
export function watchArguments(needles: readonly Needle[]): {
  stop(): { found: string[]; looks: number; distinct: number };
} {
  const found = new Set<string>();
  const seen = new Set<string>();
  let looks = 0;
  const look = (): void => {
    looks += 1;
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const line = commandLine(pid);
      if (seen.has(line)) continue;
      seen.add(line);
      for (const name of hits(Buffer.from(line, 'latin1'), needles))
        found.add(`${name} in arguments: ${line.slice(0, 80).replaceAll('\0', ' ')}`);
    }
  };
  const timer = setInterval(look, 15);
  return {
    stop: () => {
      clearInterval(timer);
      return { found: [...found], looks, distinct: seen.size };
    },
  };
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
