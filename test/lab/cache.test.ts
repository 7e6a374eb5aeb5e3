import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cached } from '../../lab/cache.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const silent = (): void => undefined;

describe('A part of the cache', () => {
  it('is made once, however many want it, and the others wait until it is whole', async () => {
    let makings = 0;
    const make = async (folder: string): Promise<void> => {
      makings += 1;
      await writeFile(join(folder, 'whole'), 'yes');
    };
    const folders = await Promise.all([1, 2, 3].map(() => cached('part', make, silent)));
    expect(makings).toBe(1);
    expect(await readFile(join(folders[2] ?? '', 'whole'), 'utf8')).toBe('yes');
  });

  it('does not bear its name when its making failed, and is made anew from nothing', async () => {
    const half = async (folder: string): Promise<void> => {
      await writeFile(join(folder, 'half'), '');
      throw new Error('the network went');
    };
    await expect(cached('part', half, silent)).rejects.toThrow('the network went');
    expect(existsSync(join(home, 'belay/lab/part'))).toBe(false);
    const folder = await cached('part', (making) => writeFile(join(making, 'whole'), ''), silent);
    expect([existsSync(join(folder, 'half')), existsSync(join(folder, 'whole'))]).toEqual([false, true]);
  });
});
