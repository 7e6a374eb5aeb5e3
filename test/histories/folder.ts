import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from '../../apps/cli/folders.js';

/** Where recorded histories lie: one folder a recording, one file a history. It only grows. */
const historiesFolder = join(projectFolder(), 'test', 'histories');

const digestsFile = join(historiesFolder, 'digests.txt');

/** Paths of all recorded histories, below the folder. */
export function recordedHistories(): string[] {
  const all = readdirSync(historiesFolder, { recursive: true, encoding: 'utf8' });
  return all.filter((path) => path.endsWith('.json')).sort();
}

export function readHistory(path: string): string {
  return readFileSync(join(historiesFolder, path), 'utf8');
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The SHA-256 of each history as it was recorded, by path. */
export function recordedDigests(): Map<string, string> {
  const lines = readFileSync(digestsFile, 'utf8').trim().split('\n');
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

/** Adds a recording: a new folder, and its digests at the end of the list. */
export function addRecording(histories: ReadonlyMap<string, string>): string {
  const last = recordedHistories().at(-1)?.slice(0, 4) ?? '0000';
  const recording = String(Number(last) + 1).padStart(4, '0');
  mkdirSync(join(historiesFolder, recording));
  for (const [name, text] of histories) {
    writeFileSync(join(historiesFolder, recording, name), text, { flag: 'wx' });
    writeFileSync(digestsFile, `${digest(text)}  ${recording}/${name}\n`, { flag: 'a' });
  }
  return recording;
}

/** Nothing of the machine on which it was recorded. */
export function impersonal(history: string): string {
  return `${history.replaceAll(projectFolder(), '/belay').replaceAll(`@${hostname()}`, '@worker')}\n`;
}
