import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makePrivateKey } from '../../apps/cli/hosts/key-pair.js';
import { knownKeys } from '../../apps/cli/hosts/known-hosts.js';
import { type } from './cli.js';

const file = join(import.meta.dirname, '..', 'cases', 'cli', 'known_hosts');
const text = readFileSync(file, 'utf8');
const a = /^alpha\.example,192\.0\.2\.1 (ssh-ed25519 \S+)/m.exec(text)?.[1] ?? '';
const b = /^\[alpha\.example\]:2222 (ssh-ed25519 \S+)/m.exec(text)?.[1] ?? '';

describe('a known_hosts file', () => {
  const known: readonly (readonly [address: string, port: number, keys: readonly string[]])[] = [
    ['alpha.example', 22, [a]],
    ['ALPHA.example', 22, [a]],
    ['alpha.example', 2222, [b]],
    ['alpha.example', 2223, []],
    ['192.0.2.1', 22, [a, b]],
    ['192.0.2.7', 22, [b]],
    ['192.0.2.77', 22, []],
    ['hashed.example', 22, [a]],
    ['hashed.example', 2222, [b]],
    ['hashed.example', 2223, []],
    ['one.wild.example', 22, [a]],
    ['bad.wild.example', 22, []],
    ['wild-example', 22, []],
    ['both.example', 22, [a]],
    ['broken.example', 22, []],
    ['nobody.example', 22, []],
  ];
  it.each(known)('of %s, port %i, knows %j', (address, port, keys) => {
    expect(knownKeys(text, address, port).keys).toEqual(keys);
  });

  it.each(known.filter(([address]) => !/both|broken|^192|alpha/.test(address)))(
    'of %s, port %i, is read as ssh-keygen reads it',
    (address, port, keys) => {
      const name = port === 22 ? address : `[${address}]:${port}`;
      const found = (): string => {
        try {
          return execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8' });
        } catch {
          return '';
        }
      };
      const shown = found().match(/(?<!@.*)ssh-ed25519 \S+/g) ?? [];
      expect([...new Set(shown)].sort()).toEqual([...keys].sort());
    },
  );

  it('says what it passes over, and what is revoked', () => {
    expect(knownKeys(text, 'x.authority.example', 22)).toMatchObject({
      keys: [],
      unusable: ['a certificate authority (ssh-ed25519)'],
    });
    expect(knownKeys(text, 'old.example', 22).unusable).toEqual(['a key of type ssh-dss']);
    expect(knownKeys(text, 'new.example', 22).unusable).toEqual(['a key of type sk-ssh-ed25519@openssh.com']);
    expect(knownKeys(text, 'both.example', 22).revoked).toContain(b);
  });
});

describe('belay host import', () => {
  const folder = (hosts: string): string => {
    const path = mkdtempSync(join(tmpdir(), 'belay-import-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    cpSync(file, join(path, 'known_hosts'));
    writeFileSync(join(path, 'hosts.yaml'), `# Who is who.\nhosts:\n${hosts}`);
    return path;
  };
  const host = (name: string, address: string, keys = ''): string =>
    `  ${name}: { address: ${address}, key: { agent: true }${keys && `, host_keys: ["${keys}"]`} } # here\n`;
  const words = 'host import -i hosts.yaml --known-hosts known_hosts';

  it('pins what is known, after showing fingerprints, and leaves the rest of the file alone', async () => {
    const path = folder(host('one', 'alpha.example') + host('two', 'hashed.example') + host('three', 'nobody.example'));
    const { code, out } = await type(`${words} --yes`, { folder: path });
    expect([code, out.match(/SHA256:\S{43} {2}ssh-ed25519/g)]).toMatchObject([
      0,
      [expect.any(String), expect.any(String)],
    ]);
    expect(out).toContain('three (nobody.example:22): no key is known');
    const printed = execFileSync('ssh-keygen', ['-lf', '-'], { input: a, encoding: 'utf8' }).split(' ')[1] ?? '?';
    expect(out).toContain(printed);
    expect(readFileSync(join(path, 'hosts.yaml'), 'utf8')).toBe(
      `# Who is who.\nhosts:\n${[
        `  one: { host_keys: ["${a}"], address: alpha.example, key: { agent: true } } # here\n`,
        `  two: { host_keys: ["${a}"], address: hashed.example, key: { agent: true } } # here\n`,
        host('three', 'nobody.example'),
      ].join('')}`,
    );
    expect((await type(words, { folder: path })).out).toMatch(/pinned already[^]*nothing to pin/);
  });

  it('pins nothing where nobody agrees', async () => {
    const path = folder(host('one', 'alpha.example'));
    expect(await type(words, { folder: path, terminal: true, input: 'n\n' })).toMatchObject({ code: 1 });
    expect(readFileSync(join(path, 'hosts.yaml'), 'utf8')).not.toContain('host_keys');
  });

  it.each([
    ['other keys than are known', 'hashed.example', b, 'is pinned to other keys'],
    ['a key that is revoked', 'both.example', b, 'pins a key that is revoked'],
  ])('refuses a host that pins %s, unless told to replace', async (_, address, pinned, said) => {
    const path = folder(host('one', address, pinned));
    expect(await type(`${words} --yes`, { folder: path })).toMatchObject({
      code: 1,
      err: expect.stringContaining(said),
    });
    expect(readFileSync(join(path, 'hosts.yaml'), 'utf8')).toContain(b);
    expect(await type(`${words} --yes --replace`, { folder: path })).toMatchObject({ code: 0 });
    expect(readFileSync(join(path, 'hosts.yaml'), 'utf8')).toContain(`["${a}"]`);
  });
});

describe('a key that is made here', () => {
  it('is one that ssh-keygen reads, and another one each time', () => {
    const publicHalf = (): string => {
      const path = mkdtempSync(join(tmpdir(), 'belay-key-'));
      onTestFinished(() => rmSync(path, { recursive: true, force: true }));
      writeFileSync(join(path, 'key'), makePrivateKey('belay:some-key'), { mode: 0o600 });
      return execFileSync('ssh-keygen', ['-y', '-P', '', '-f', join(path, 'key')], { encoding: 'utf8' });
    };
    const made = Array.from({ length: 5 }, publicHalf);
    for (const line of made) expect(line).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]{68} belay:some-key\n$/);
    expect(new Set(made).size).toBe(5);
  });
});
