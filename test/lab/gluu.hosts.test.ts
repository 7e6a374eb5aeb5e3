import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { claimsOf, clientOn, codeFrom, container, publicName, settingsOf, tokensFrom } from './gluu-client.js';

const name = 'gluu-test';
const here = `https://${publicName}`;
/** A second service on the same directory, as on another node of a cluster. */
const elsewhere = 'http://127.0.0.1:8181';
const versions: Readonly<Record<string, string>> = { full: '3.1.6', empty: '3.1.5' };
let lab: Lab;

const on = async (host: string, ...argv: string[]): Promise<string> => {
  const { code, stdout, stderr } = await lab.exec(host, argv);
  expect(code, `${argv.join(' ')}: ${stderr.slice(-1500) || stdout.slice(-1500)}`).toBe(0);
  return stdout;
};
const sh = async (host: string, script: string, ...values: string[]): Promise<string> =>
  on(host, 'sh', '-euc', script, 'sh', ...values);
const inside = async (host: string, ...argv: string[]): Promise<string> =>
  on(host, 'chroot', container(versions[host] ?? ''), ...argv);

/** Installs the package as an administrator would: the key, the source, the update. */
async function installPackage(host: string): Promise<void> {
  const root = lab.host(host).root;
  await copyFile(join(lab.folder, 'gluu-repository.asc'), join(root, 'etc/apt/keyrings/gluu.asc'));
  const source = 'deb [signed-by=/etc/apt/keyrings/gluu.asc] http://packages.lab.test/gluu/ ./\n';
  await writeFile(join(root, 'etc/apt/sources.list.d/gluu.list'), source);
  const install = 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "gluu-server-$1"';
  await sh(host, install, versions[host] ?? '');
  await on(host, 'service', `gluu-server-${versions[host] ?? ''}`, 'start');
}

async function setUp(host: string, ...options: string[]): Promise<void> {
  const settings = {
    ...{
      hostname: publicName,
      ip: lab.host(host).address,
      ldapPass: 'directory pass',
      oxtrust_admin_password: 'admin pass',
    },
    ...{ orgName: 'Lab', countryCode: 'DE', state: 'BE', city: 'Berlin', admin_email: 'admin@lab.test' },
    ...{ installSaml: 'True', installPassport: 'True' },
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}\n`);
  const folder = `${container(versions[host] ?? '')}/install/community-edition-setup`;
  await writeFile(join(lab.host(host).root, folder, 'setup.properties'), lines.join(''), { mode: 0o600 });
  await inside(host, '/install/community-edition-setup/setup.py', '-n', ...options);
}

beforeAll(async () => {
  const description = {
    hosts: { full: { preinstalled: ['curl'] }, empty: {} },
    gluu: { versions: ['3.1.5' as const, '3.1.6' as const], console: ['empty'] },
    packages: ['redis-server'],
  };
  lab = await labUp({ name, description, say: () => undefined });
  await lab.mark('bare');
  await Promise.all([installPackage('full'), installPackage('empty')]);
  await Promise.all([setUp('full'), setUp('empty', '--empty-ldap', '--listen_all_interfaces')]);
}, 400_000);

afterAll(async () => {
  await labDown(name);
});

describe('The package of a Gluu server', () => {
  it('comes from a repository whose key is the one the inventory names', async () => {
    const inventory = parse(await readFile(lab.inventoryFile, 'utf8')) as {
      hosts: Record<string, { values: Record<string, string> }>;
    };
    const { gluu_repository, gluu_key_fingerprint = '?', gluu_entry } = inventory.hosts.empty?.values ?? {};
    expect([gluu_repository, gluu_entry]).toEqual(['http://packages.lab.test/gluu/', 'ssh']);
    const signed = await sh('full', 'apt-get update -o Debug::Acquire::gpgv=1 2>&1 | grep VALIDSIG');
    expect(signed).toContain(gluu_key_fingerprint);
    await on('full', 'rm', '/etc/apt/keyrings/gluu.asc');
    expect((await lab.exec('full', ['apt-get', 'update'])).stderr).toMatch(/NO_PUBKEY|not signed|signatures/);
  });
});

describe('setup.py', () => {
  it('refuses settings that are not whole, and changes nothing', async () => {
    const folder = '/install/community-edition-setup';
    await sh('full', `printf 'hostname=x\\n' >"$1"`, `${container('3.1.6')}${folder}/short.properties`);
    const refused = await lab.exec('full', [
      'chroot',
      container('3.1.6'),
      `${folder}/setup.py`,
      '-f',
      'short.properties',
    ]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/settings are missing: ip, ldapPass/)]);
  });

  it('leaves every setting behind where only root reads it, and no password elsewhere', async () => {
    const settings = await settingsOf(lab, 'full', '3.1.6');
    expect(settings).toMatchObject({ hostname: publicName, ldapPass: 'directory pass', ldap_type: 'opendj' });
    expect(settings.inumAppliance).toMatch(/^@!(\w{4}\.){3}\w{4}!0002!\w{4}\.\w{4}$/);
    expect(await inside('full', 'stat', '-c', '%a', '/install/community-edition-setup/setup.properties.last')).toBe(
      '600\n',
    );
    expect(await inside('full', 'ls', '-A', '/home/ldap')).not.toMatch(/\.pw|ldif|properties/);
  });

  it('binds the directory to the loopback unless told otherwise', async () => {
    const listening = (host: string): Promise<string> =>
      sh(host, `ss -H -l -t -n | awk '{ print $4 }' | grep -E ':(1389|1636|4444)$' | sort`);
    expect(await listening('full')).toBe('[::ffff:127.0.0.1]:1636\n[::ffff:127.0.0.1]:4444\n');
    expect(await listening('empty')).toBe('*:1636\n*:4444\n');
  });

  it('installs without data, so that applications wait for a directory that has some', async () => {
    const ask = String.raw`exec 3<>/dev/tcp/127.0.0.1/8081; printf 'GET / HTTP/1.0\r\n\r\n' >&3; head -n 1 <&3`;
    expect(await on('empty', 'bash', '-euc', ask)).toContain(' 503 ');
    expect(await inside('empty', 'cat', '/opt/gluu/jetty/oxauth/logs/oxauth.log')).toMatch(
      /oxauth does not start.*does not exist/,
    );
  });
});

describe('The services of a Gluu server', () => {
  it('are reached over TLS under the public name', async () => {
    const client = clientOn(lab, 'full', '3.1.6');
    const discovery = await client.get(`${here}/.well-known/openid-configuration`);
    expect(JSON.parse(discovery.body)).toMatchObject({ issuer: here, jwks_uri: `${here}/oxauth/restv1/jwks` });
    for (const path of ['identity/restv1/scim-configuration', 'idp/shibboleth', 'passport'])
      expect(await client.get(`${here}/${path}`), path).toMatchObject({ status: 200 });
  });

  it('give a code for a right password and a signed token for the code, once', async () => {
    const client = clientOn(lab, 'full', '3.1.6');
    const settings = await settingsOf(lab, 'full', '3.1.6');
    expect(await codeFrom(client, here, settings, 'admin:wrong')).toBe('');
    const code = await codeFrom(client, here, settings, 'admin:admin pass');
    const tokens = await tokensFrom(client, here, settings, code);
    const { body: published } = await client.get(`${here}/oxauth/restv1/jwks`);
    const claims = claimsOf(tokens.id_token ?? '', published);
    expect(claims).toMatchObject({ iss: here, aud: settings.oxauth_client_id, sub: settings.admin_inum });
    const bearer = ['-H', `Authorization: Bearer ${tokens.access_token ?? ''}`];
    expect(JSON.parse((await client.get(`${here}/oxauth/restv1/userinfo`, ...bearer)).body)).toEqual({
      sub: claims?.sub,
    });
    expect(await tokensFrom(client, here, settings, code)).toEqual({ error: 'invalid_grant' });
  });

  it('share sessions and codes through redis, and do not through their memory', async () => {
    const client = clientOn(lab, 'full', '3.1.6');
    const settings = await settingsOf(lab, 'full', '3.1.6');
    await startElsewhere();
    const alone = await codeFrom(client, here, settings, 'admin:admin pass');
    expect(await tokensFrom(client, elsewhere, settings, alone)).toEqual({ error: 'invalid_grant' });
    await sh('full', 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server');
    await nameRedis(settings.inumAppliance ?? '');
    await inside('full', 'service', 'oxauth', 'restart');
    await startElsewhere();
    const shared = await codeFrom(client, here, settings, 'admin:admin pass');
    expect(await tokensFrom(client, elsewhere, settings, shared)).toMatchObject({ token_type: 'bearer' });
  });
});

/** Starts, or starts again, the second service. */
async function startElsewhere(): Promise<void> {
  await sh('full', `pkill -f 'oxauth[ ]8181' && sleep 1 || true`);
  const java = '/opt/jre/bin/java -Xmx32m -XX:+UseSerialGC -jar /opt/gluu/lib/stand-in.jar oxauth 8181';
  const start = `setpriv --reuid=jetty --regid=gluu --clear-groups setsid ${java} >/tmp/elsewhere.log 2>&1 </dev/null &`;
  await inside('full', 'sh', '-c', start);
  await expect
    .poll(async () => (await lab.exec('full', ['curl', '-s', `${elsewhere}/oxauth/restv1/jwks`])).code, {
      timeout: 30_000,
    })
    .toBe(0);
}

/** Writes into the directory what a cluster's administrator would: the cache is redis. */
async function nameRedis(appliance: string): Promise<void> {
  const cache = {
    cacheProviderType: 'REDIS',
    redisConfiguration: { redisProviderType: 'STANDALONE', servers: 'localhost:6379' },
  };
  const value = `oxCacheConfiguration: ${JSON.stringify(cache)}`;
  const entry = `dn: inum=${appliance},ou=appliances,o=gluu`;
  const lines = [entry, 'changetype: modify', 'replace: oxCacheConfiguration', value, ''];
  const root = join(lab.host('full').root, container('3.1.6'), 'root');
  await writeFile(join(root, 'cache.ldif'), lines.join('\n'));
  await writeFile(join(root, 'password'), 'directory pass', { mode: 0o600 });
  const bind = ['-h', 'localhost', '-p', '1636', '-Z', '-X', '-D', 'cn=directory manager', '-j', '/root/password'];
  await inside('full', '/opt/opendj/bin/ldapmodify', ...bind, '-f', '/root/cache.ldif');
}

describe('The container', () => {
  it('is entered through an sshd of its own where the description says so, and nowhere else', async () => {
    const key = await readFile(
      join(lab.host('empty').root, container('3.1.5'), 'etc/ssh/ssh_host_ed25519_key.pub'),
      'utf8',
    );
    await writeFile(join(lab.host('empty').root, 'root/known'), `[localhost]:60022 ${key}`);
    const options = ['-o', 'UserKnownHostsFile=/root/known', '-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes'];
    const ssh = ['ssh', '-p', '60022', '-i', '/etc/gluu/keys/gluu-console', ...options, 'root@localhost'];
    expect(await on('empty', ...ssh, 'ls /opt/opendj/bin/dsreplication')).toBe('/opt/opendj/bin/dsreplication\n');
    expect((await lab.exec('full', ['curl', '-s', '-m', '5', 'telnet://127.0.0.1:60022'])).code).toBe(7);
  });

  it('starts again with all its services after a stop and after a power cut', async () => {
    const client = clientOn(lab, 'full', '3.1.6');
    const up = async (): Promise<string> => {
      const { status } = await client.get(`${here}/.well-known/openid-configuration`);
      return status === 200 ? 'up' : inside('full', 'tail', '-n', '2', '/opt/gluu/jetty/oxauth/logs/oxauth.log');
    };
    await on('full', 'service', 'gluu-server-3.1.6', 'stop');
    expect(await sh('full', 'pgrep -c java || true; mount | grep -c /opt/ || true')).toBe('0\n0\n');
    await on('full', 'service', 'gluu-server-3.1.6', 'start');
    expect(await up()).toBe('up');
    await lab.powerCut('full');
    await lab.powerOn('full');
    await expect.poll(async () => up().catch(String), { timeout: 60_000, interval: 1000 }).toBe('up');
  });

  it('takes packages as a host does, and starts their services with its own', async () => {
    const install = 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq redis-server';
    await inside('empty', 'sh', '-euc', install);
    expect(await inside('empty', 'redis-cli', 'ping')).toBe('PONG\n');
    await on('empty', 'service', 'gluu-server-3.1.5', 'restart');
    expect(await inside('empty', 'redis-cli', 'ping')).toBe('PONG\n');
  });

  it('is gone without a trace when its package is purged', async () => {
    const files = '/root/known /etc/apt/keyrings/gluu.asc /etc/apt/sources.list.d/gluu.list';
    await sh('empty', `dpkg --purge gluu-server-3.1.5; apt-get clean; rm -f ${files}; apt-get -qq update`);
    const { differences } = await lab.diff('bare');
    // Debian makes /opt without owning it, so that dpkg takes it along with the last package that had files there.
    expect(differences.filter(({ host }) => host === 'empty')).toEqual([
      expect.objectContaining({ change: 'removed', subject: '/opt' }),
    ]);
  });
});
