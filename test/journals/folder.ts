import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Recorded journals of hosts, one file for each format that a released version has written. The folder only grows. */
const journalsFolder = join(import.meta.dirname, '..', 'cases', 'journals');

/** A journal as data: the text of each file by its path, and null for a folder. */
export type JournalFiles = Readonly<Record<string, string | null>>;

export function recordedJournals(): string[] {
  return readdirSync(journalsFolder).filter((name) => name.endsWith('.yaml'));
}

export function readJournal(name: string): JournalFiles {
  return parse(readFileSync(join(journalsFolder, name), 'utf8')) as JournalFiles;
}

/** Puts a journal where a host would have it. */
export function layJournal(files: JournalFiles, folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [path, text] of Object.entries(files)) {
    if (text === null) mkdirSync(join(folder, path), { recursive: true, mode: 0o700 });
    else writeFileSync(join(folder, path), text, { mode: 0o600 });
  }
}

/** What a folder holds, folders before what is in them. */
export function journalIn(folder: string): JournalFiles {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    paths.map((path) => [
      path,
      statSync(join(folder, path)).isDirectory() ? null : readFileSync(join(folder, path), 'utf8'),
    ]),
  );
}
