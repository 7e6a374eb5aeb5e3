import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ensureOpenDj, openDj } from '../../lab/opendj.js';

let home: string;
let archive: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'belay-opendj-'));
  archive = join(home, 'opendj.zip');
  await mkdir(join(home, 'opendj'));
  await writeFile(join(home, 'opendj/setup'), 'its program');
  execFileSync('python3', ['-m', 'zipfile', '-c', archive, 'opendj'], { cwd: home });
  vi.stubEnv('XDG_CACHE_HOME', home);
  vi.stubEnv('BELAY_LAB_OPENDJ', archive);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const silent = (): void => undefined;

describe('OpenDJ for the lab', () => {
  it('is unpacked into the cache from an archive that has the pinned SHA-256', async () => {
    const sha256 = createHash('sha256')
      .update(await readFile(archive))
      .digest('hex');
    const folder = await ensureOpenDj(silent, { ...openDj, sha256 } as unknown as typeof openDj);
    expect(await readFile(join(folder, 'setup'), 'utf8')).toBe('its program');
    expect(existsSync(join(folder, '../archives'))).toBe(false);
  });

  it('is refused where the archive is another one, and nothing of it stays', async () => {
    await expect(ensureOpenDj(silent)).rejects.toThrow(/has the SHA-256 [0-9a-f]{64}, not the pinned efcaaa6f/);
    expect(existsSync(join(home, `belay/lab/opendj-${openDj.version}-efcaaa6f`))).toBe(false);
  });

  it('says where it could come from when the archive that is named cannot be read', async () => {
    vi.stubEnv('BELAY_LAB_OPENDJ', join(home, 'elsewhere.zip'));
    await expect(ensureOpenDj(silent)).rejects.toThrow(/BELAY_LAB_OPENDJ names .*elsewhere\.zip, which cannot be read/);
  });
});
