import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from '../../apps/api/settings.js';
import { openToken } from '../../apps/api/token.js';

describe('the token of the API', () => {
  let data: string;
  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'belay-token-'));
  });
  afterEach(async () => {
    await rm(data, { recursive: true });
  });
  const file = () => join(data, 'api-token');

  it('is made at the first start, for its owner alone, and stays', async () => {
    const token = await openToken(data);
    const text = (await readFile(file(), 'utf8')).trim();
    expect(text).toMatch(/^belay_[A-Za-z0-9_-]{43}$/);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(token.matches(text)).toBe(true);
    expect(token.matches(`${text} `)).toBe(false);
    expect((await openToken(data)).matches(text)).toBe(true);
  });

  it('is one and the same for two that start at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 8 }, async () => openToken(data)));
    const text = (await readFile(file(), 'utf8')).trim();
    expect(tokens.every((token) => token.matches(text))).toBe(true);
  });

  it('is refused where others can read it', async () => {
    await openToken(data);
    await chmod(file(), 0o640);
    await expect(openToken(data)).rejects.toThrow(/chmod 600/);
  });

  it('is refused where the file holds none', async () => {
    await writeFile(file(), '\n', { mode: 0o600 });
    await expect(openToken(data)).rejects.toThrow(/holds no token/);
  });
});

describe('the settings of the API', () => {
  const good = { BELAY_DATABASE_URL: 'postgres://x@127.0.0.1/belay', BELAY_TEMPORAL_ADDRESS: '127.0.0.1:7233' };

  it('listen on loopback unless they say otherwise', () => {
    expect(readSettings({ ...good, HOME: '/home/ada' })).toMatchObject({
      host: '127.0.0.1',
      temporalNamespace: 'default',
    });
  });

  it.each([
    [{}, /BELAY_DATABASE_URL.*BELAY_TEMPORAL_ADDRESS/],
    [{ ...good, BELAY_DATABASE_URL: 'mysql://x' }, /BELAY_DATABASE_URL/],
    [{ ...good, BELAY_API_PORT: 'many' }, /BELAY_API_PORT/],
  ])('name what is wrong with them: %j', (variables, message) => {
    expect(() => readSettings(variables)).toThrow(message);
  });
});
