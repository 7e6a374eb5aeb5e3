import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  closeSync,
  statSync,
  truncateSync,
  fstatSync,
} from 'node:fs';
import { dirname } from 'node:path';

const largest = 10 * 1024 * 1024;

/**
 * Opens a log for a child to write to by itself, so that it can go on writing when the supervisor is gone. In
 * append mode the file can be cut while it is being written.
 */
export function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return openSync(file, 'a', 0o600);
}

/**
 * Keeps a log and one older part of it, each at most `limit` bytes; lines written meanwhile may be lost. Where there is
 * no room for the older part, it is lost: a log that keeps growing would be worse.
 */
export function capLog(file: string, limit = largest): void {
  if (!existsSync(file) || statSync(file).size <= limit) return;
  try {
    copyFileSync(file, `${file}.1`);
  } finally {
    truncateSync(file, 0);
  }
}

/** The line of a log that says best why a program died: the last that speaks of an error, else the last one. */
export function whatWentWrong(file: string): string {
  const lines = end(file)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return (
    lines.findLast((line) => /\b(\w*error|fatal|panic|refused)\b/i.test(line))?.trim() ??
    lines.at(-1) ??
    'it said nothing'
  );
}

/** The last 8 KiB. */
function end(file: string): string {
  if (!existsSync(file)) return '';
  const from = openSync(file, 'r');
  try {
    const { size } = fstatSync(from);
    const bytes = Buffer.alloc(Math.min(size, 8192));
    readSync(from, bytes, 0, bytes.length, size - bytes.length);
    return bytes.toString('utf8');
  } finally {
    closeSync(from);
  }
}
