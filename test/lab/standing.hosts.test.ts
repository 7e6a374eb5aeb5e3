import { readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findLab, labDown, labUp, type Lab } from '../../lab/lab.js';
import { run } from '../../lab/program.js';

const name = 'standing-test';
const folder = join(tmpdir(), 'belay-standing-test');
let lab: Lab;
let seconds: number;

beforeAll(async () => {
  const order = { name, folder, description: 'lab/descriptions/demo.yaml', say: () => undefined };
  // The first one fills the cache where it is empty; the second is the one whose time counts.
  await labUp(order);
  await labDown(name);
  const start = performance.now();
  lab = await labUp(order);
  seconds = (performance.now() - start) / 1000;
});

afterAll(async () => {
  await labDown(name);
});

/** Runs a command on one host from another, over SSH, with nothing but what the lab hands out. */
async function overSsh(from: string, to: string, command: string, knownKeys = lab.host(to).hostKeys): Promise<string> {
  const address = lab.host(to).address;
  await writeFile(join(lab.host(from).root, 'root/key'), await readFile(lab.keyFile), { mode: 0o600 });
  await writeFile(join(lab.host(from).root, 'root/known'), knownKeys.map((key) => `${address} ${key}\n`).join(''));
  const options = ['-o', 'UserKnownHostsFile=/root/known', '-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes'];
  const { code, stdout, stderr } = await lab.exec(from, [
    'ssh',
    '-i',
    '/root/key',
    ...options,
    `root@${address}`,
    command,
  ]);
  return code === 0 ? stdout : `${code}: ${stderr}`;
}

/** How a connection to a port ends: `open`, an error code, or `silence` after a second. */
async function knock(address: string, port: number): Promise<string> {
  const socket = connect({ host: address, port, timeout: 1000 });
  const answer = await new Promise<string>((resolve) => {
    socket.once('connect', () => resolve('open'));
    socket.once('timeout', () => resolve('silence'));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
  });
  socket.destroy();
  return answer;
}

const text = async (host: string, file: string): Promise<string> => (await lab.exec(host, ['cat', file])).stdout;

describe('A lab that stands', () => {
  it('came up in less than a minute with four hosts and a directory', () => {
    expect(lab.hosts.map((host) => host.name)).toEqual(['cache', 'node1', 'node2', 'directory']);
    expect(seconds).toBeLessThan(60);
  });

  it('lets root in with its key, at hosts whose keys are the pinned ones', async () => {
    expect(await overSsh('node1', 'cache', 'hostname -f')).toBe('cache.lab.test\n');
    expect(await overSsh('node1', 'cache', 'true', lab.host('node2').hostKeys)).toContain(
      'Host key verification failed',
    );
  });

  it('keeps private what is private', async () => {
    const files = [lab.keyFile, lab.directory?.passwordFile ?? '', join(lab.folder, 'authority.key')];
    const modes = await Promise.all(files.map(async (file) => (await stat(file)).mode & 0o777));
    expect(modes).toEqual([0o600, 0o600, 0o600]);
  });

  it('installs a package offline, and starts its service as a Debian of System V style does', async () => {
    const installed = await lab.exec('node1', ['apt-get', 'install', '-y', '-q', 'redis-server']);
    expect(installed.code, installed.stderr).toBe(0);
    expect((await lab.exec('node1', ['redis-cli', 'ping'])).stdout).toBe('PONG\n');
    expect((await lab.exec('node1', ['runlevel'])).stdout).toBe('N 2\n');
    expect((await lab.exec('node1', ['apt-get', 'install', '-y', 'nginx'])).stderr).toContain(
      'Unable to locate package',
    );
  });

  it('serves the directory over verified TLS only, to its manager only', async () => {
    const directory = lab.directory ?? expect.fail('the lab has no directory');
    const authority = await readFile(directory.authorityFile);
    const client = new Client({ url: directory.url, tlsOptions: { ca: authority }, timeout: 5000 });
    await client.bind(directory.manager, await readFile(directory.passwordFile, 'utf8'));
    const { searchEntries } = await client.search('inum=@!1111,ou=appliances,o=gluu');
    await client.unbind();
    expect(JSON.parse(String(searchEntries[0]?.oxCacheConfiguration))).toMatchObject({
      cacheProviderType: 'IN_MEMORY',
    });

    const stranger = new Client({ url: directory.url, timeout: 5000 });
    await expect(stranger.bind(directory.manager, 'x')).rejects.toThrow(/certificate/);
    const anonymous = new Client({ url: directory.url, tlsOptions: { ca: authority }, timeout: 5000 });
    await expect(anonymous.search('o=gluu')).rejects.toThrow();
    await anonymous.unbind();
    expect(await knock(lab.host('directory').address, 389)).toBe('ECONNREFUSED');
  });

  it('has its inventory in the format Belay reads', async () => {
    const inventory = await readFile(lab.inventoryFile, 'utf8');
    expect(inventory).toMatch(/^# yaml-language-server: \$schema=.*docs\/schema\/inventory\.json\n/);
    expect(inventory).toContain(lab.host('cache').hostKeys[0]);
  });

  it('opens a shell on a host, as root, which ends with its own code', async () => {
    const typescript = ['--no-warnings', '--experimental-transform-types', '--import', './test/ssh/typescript.mjs'];
    const words = [...typescript, 'lab/main.ts', '--name', name];
    const typed = 'echo "$(hostname) $(id -un) $PWD"; touch /root/from-the-shell; exit 7\n';
    const shell = await run([process.execPath, ...words, 'shell', 'node1'], { input: typed });
    expect(shell).toMatchObject({ code: 7, stdout: 'node1 root /\n' });
    expect((await lab.exec('node1', ['rm', '/root/from-the-shell'])).code).toBe(0);
    expect(await run([process.execPath, ...words, 'shell', 'nobody'])).toMatchObject({ code: 1, stdout: '' });
  });

  it('is found by its name, and brought up again without changing anything', async () => {
    const init = await text('cache', '/proc/sys/kernel/random/boot_id');
    const again = await labUp({ name, description: 'lab/descriptions/demo.yaml' });
    expect(again.hosts).toEqual((await findLab(name))?.hosts);
    expect(await text('cache', '/proc/sys/kernel/random/boot_id')).toBe(init);
    await expect(labUp({ name, description: 'lab/descriptions/pair.yaml' })).rejects.toThrow('another description');
  });

  // Each try would change nothing if it were let through.
  it('does not let a host reach the clock, the disks or the settings of the machine', async () => {
    const tries = [
      'date -s "@$(date +%s)"',
      'mknod /root/disk b 254 0',
      'cat /proc/sys/kernel/panic >/proc/sys/kernel/panic',
      'ls /lost+found',
    ];
    for (const each of tries) expect((await lab.exec('node2', ['sh', '-c', each])).code, each).not.toBe(0);
    expect((await lab.exec('node2', ['sysctl', '-w', 'net.ipv4.ip_forward=1'])).code).toBe(0);
  });
});

describe('A power cut', () => {
  it('ends all processes without a word, and keeps all files; the boot id after it is another', async () => {
    await lab.exec('node2', ['sh', '-c', 'echo kept >/root/kept; setsid sleep 1000 >/dev/null 2>&1 &']);
    const before = await text('node2', '/proc/sys/kernel/random/boot_id');
    await lab.powerCut('node2');
    expect(await lab.isOn('node2')).toBe(false);
    expect(await knock(lab.host('node2').address, 22)).toMatch(/silence|EHOSTUNREACH/);
    await expect(lab.exec('node2', ['true'])).rejects.toThrow('is off');
    expect(await readFile(join(lab.host('node2').root, 'root/kept'), 'utf8')).toBe('kept\n');

    await lab.powerOn('node2');
    expect(await text('node2', '/root/kept')).toBe('kept\n');
    expect(await text('node2', '/proc/sys/kernel/random/boot_id')).not.toBe(before);
    expect((await lab.exec('node2', ['pgrep', 'sleep'])).stdout).toBe('');
    expect(await overSsh('node1', 'node2', 'hostname')).toBe('node2\n');
  });

  it('is followed by a start of the services that were installed', async () => {
    await lab.powerCut('node1');
    await lab.powerOn('node1');
    await expect
      .poll(async () => (await lab.exec('node1', ['redis-cli', 'ping'])).stdout, { timeout: 10_000 })
      .toBe('PONG\n');
  });
});

describe('A cut network', () => {
  it('is silent with DROP, refuses with REJECT, and heals', async () => {
    const { address } = lab.host('cache');
    await lab.cut('cache', 'DROP');
    expect(await knock(address, 22)).toBe('silence');
    await lab.cut('cache', 'REJECT');
    expect(await knock(address, 22)).toBe('ECONNREFUSED');
    await lab.heal('cache');
    expect(await knock(address, 22)).toBe('open');
  });
});
