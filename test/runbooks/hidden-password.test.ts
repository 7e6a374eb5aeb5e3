import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hidden as hiddenBy } from './hidden.js';

const program = 'runbooks/gluu/parts/hidden-password.pl';
const salt = 'Salt-of-24-characters-xy';
const hidden = (password: string): string => hiddenBy(password, salt);

describe('hidden-password.pl', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'belay-hidden-'));
    writeFileSync(join(folder, 'salt'), `encodeSalt = ${salt}\n`);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (OLD: string, NEW: string, words: readonly string[], input = ''): string =>
    execFileSync('perl', [program, ...words], {
      encoding: 'utf8',
      input,
      env: { PATH: '/usr/bin:/bin', SALT: join(folder, 'salt'), OLD, NEW },
    });

  it.each([0, 1, 6, 7, 8, 9, 15, 16, 31, 32])('hides passwords as Gluu does, one of %i more characters', (length) => {
    const [old, next] = [`o${'x'.repeat(length)}`, `n-ü-${'Y7'.repeat(length)}`];
    const file = join(folder, 'ox-ldap.properties');
    writeFileSync(file, `bindDN: cn=directory manager\nbindPassword: ${hidden(old)}\nservers: a:1636\n`);
    chmodSync(file, 0o640);
    run(old, next, [file]);
    const text = readFileSync(file, 'utf8');
    expect(text).toBe(`bindDN: cn=directory manager\nbindPassword: ${hidden(next)}\nservers: a:1636\n`);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    run(next, old, [file]);
    expect(readFileSync(file, 'utf8')).toContain(`bindPassword: ${hidden(old)}\n`);
  });

  it('knows a password where what ends it is written with a backslash', () => {
    const file = join(folder, 'escaped.properties');
    const [old = ''] = ['a', 'ab', 'abc']
      .map((one) => `${one}-${'z'.repeat(8)}`)
      .filter((one) => /=$/.test(hidden(one)));
    writeFileSync(file, `bindPassword=${hidden(old).replaceAll('=', '\\=')}\n`);
    run(old, 'next', [file]);
    expect(readFileSync(file, 'utf8')).toBe(`bindPassword=${hidden('next')}\n`);
  });

  it('changes entries value by value, deep in JSON too, and leaves what is of another password', () => {
    const inner = JSON.stringify({ config: JSON.stringify({ bindPassword: hidden('former'), n: 1 }) });
    const other = JSON.stringify({ bindPassword: hidden('of-somebody-else') });
    const entries = `dn: inum=1,ou=appliances,o=gluu\noxIDPAuthentication: ${inner.slice(0, 40)}\n ${inner.slice(40)}\noxTrustConfCacheRefresh: ${other}\n\n`;
    const changes = run('former', 'next', [], entries).split('\n');
    const decoded = changes
      .filter((line) => line.includes(':: '))
      .map((line) => Buffer.from(line.split(':: ')[1] ?? '', 'base64').toString());
    expect(decoded).toEqual([
      'inum=1,ou=appliances,o=gluu',
      inner,
      JSON.stringify({ config: JSON.stringify({ bindPassword: hidden('next'), n: 1 }) }),
    ]);
    expect(changes.filter((line) => /^(delete|add): /.test(line))).toEqual([
      'delete: oxIDPAuthentication',
      'add: oxIDPAuthentication',
    ]);
  });

  it('counts without changing anything', () => {
    const file = join(folder, 'counted');
    writeFileSync(
      file,
      `a: ${hidden('former')}\nb: ${hidden('former')}\nc: ${hidden('next')}\nd: x${hidden('former')}\n`,
    );
    expect(run('former', 'next', ['--count', file])).toBe('old=2\nnew=1\n');
    expect(run('former', 'next', ['--count'], `dn: o=gluu\nx: ${hidden('next')}\n\n`)).toBe('old=0\nnew=1\n');
  });

  it('refuses to go by a salt that is none', () => {
    writeFileSync(join(folder, 'none'), 'encodeSalt = short\n');
    expect(() =>
      execFileSync('perl', [program, '--count', '/dev/null'], {
        stdio: 'pipe',
        env: { PATH: '/usr/bin:/bin', SALT: join(folder, 'none'), OLD: 'a', NEW: 'b' },
      }),
    ).toThrow('no salt of 24 characters');
  });
});
