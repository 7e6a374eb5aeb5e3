import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readEntry } from '../../lab/entry.js';

describe('what is at a path', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'belay-entry-'));
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  const content = (file: string): string | undefined => readEntry(file, new Map(), false)?.content;

  it('is seen when it was changed, even where size and time are as before', () => {
    const file = join(folder, 'settings');
    writeFileSync(file, 'bind 127.0.0.1');
    // A file that was changed in this instant is read anew each time.
    vi.useFakeTimers({ now: Date.now() + 10_000, toFake: ['Date'] });
    const before = content(file);
    expect(content(file)).toBe(before);
    const { atime, mtime } = statSync(file);
    writeFileSync(file, 'bind 127.0.0.2');
    utimesSync(file, atime, mtime);
    expect(content(file)).not.toBe(before);
  });
});
