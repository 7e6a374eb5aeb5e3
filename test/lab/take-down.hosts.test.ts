import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { findLab, labDown, labUp } from '../../lab/lab.js';
import { linkOf, namespaceFile, namespaceOf, switchOf } from '../../lab/network.js';
import { removeFolder } from '../../lab/mounts.js';
import { must, run } from '../../lab/program.js';
import { traces } from './traces.js';

const description = { hosts: { one: {}, two: {} } };
const folderOf = (name: string): string => join(tmpdir(), `belay-${name}`);
/** Names that would choose the same network if both were alone. */
const names = ['down-test', 'down-test-416'];

afterEach(async () => {
  for (const name of names) await labDown(name);
  for (const name of names) await rm(folderOf(name), { recursive: true, force: true });
});

/** Starts `lab up` in a process of its own and kills it as soon as something is there. */
async function killMaker(name: string, there: string): Promise<void> {
  const file = join(tmpdir(), `belay-${name}.yaml`);
  await writeFile(file, JSON.stringify(description));
  const argv = ['--import', join(import.meta.dirname, '../ssh/typescript.mjs'), 'lab/main.ts', '--name', name];
  const maker = spawn(process.execPath, [...argv, 'up', '--description', file, '--folder', folderOf(name)]);
  const ended = once(maker, 'exit');
  while (!existsSync(there) && maker.exitCode === null) await new Promise(setImmediate);
  maker.kill('SIGKILL');
  expect((await ended)[1], `${there} came too late to kill the maker`).toBe('SIGKILL');
  await rm(file);
}

describe('Two labs', () => {
  it('stand side by side, and one goes without touching the other', async () => {
    const labs = await Promise.all(names.map((name) => labUp({ name, description, folder: folderOf(name) })));
    const addresses = labs.flatMap((lab) => lab.hosts.map((host) => host.address));
    expect(new Set(addresses).size).toBe(4);
    await labDown('down-test');
    expect(await traces('down-test', folderOf('down-test'))).toEqual([]);
    expect((await labs[1]?.exec('two', ['hostname']))?.stdout).toBe('two\n');
    expect(await labs[1]?.isOn('one')).toBe(true);
  });
});

describe('A take-down', () => {
  it('leaves no process, mount, namespace, link or file, whatever ran on the hosts', async () => {
    const [name, folder] = ['down-test', folderOf('down-test')];
    const lab = await labUp({ name, description, folder });
    await lab.exec('one', [
      'sh',
      '-c',
      'trap "" TERM HUP; setsid sh -c "trap : TERM; while :; do sleep 9; done" >/dev/null 2>&1 &',
    ]);
    await lab.exec('one', ['sh', '-c', 'mkdir -p /opt/inner && mount -t tmpfs inner /opt/inner']);
    await lab.exec('two', ['sh', '-c', 'setsid unshare -n -p -f sleep 1000 >/dev/null 2>&1 &']);
    expect((await traces(name, folder)).length).toBeGreaterThan(8);
    expect(await labDown(name)).toBe(true);
    expect(await traces(name, folder)).toEqual([]);
    expect(await labDown(name)).toBe(false);
    expect(await findLab(name)).toBeUndefined();
  });

  const moments = {
    'has just taken its network': `/sys/class/net/${linkOf('down-test')}`,
    'has mounted the first host': join(folderOf('down-test'), 'hosts/one/root/etc'),
    'is starting its hosts': join(folderOf('down-test'), 'hosts/one/console.log'),
  };
  for (const [moment, there] of Object.entries(moments))
    it(`is complete after the maker was killed when it ${moment}`, async () => {
      const [name, folder] = ['down-test', folderOf('down-test')];
      await killMaker(name, there);
      expect(await findLab(name)).toBeUndefined();
      expect((await traces(name, folder)).length).toBeGreaterThan(0);
      await labDown(name);
      expect(await traces(name, folder)).toEqual([]);
    });

  it('is not needed before the next `up`, which starts over from what a killed one has left', async () => {
    const [name, folder] = ['down-test', folderOf('down-test')];
    await killMaker(name, join(folder, 'hosts/one/console.log'));
    const lab = await labUp({ name, description, folder });
    expect((await lab.exec('two', ['hostname'])).stdout).toBe('two\n');
  });

  it('never removes a folder that is not a lab’s, because no lab is made there', async () => {
    const folder = folderOf('down-test');
    await mkdir(folder);
    await writeFile(join(folder, 'precious'), '');
    await expect(labUp({ name: 'down-test', description, folder })).rejects.toThrow('hold');
    await labDown('down-test');
    expect(existsSync(join(folder, 'precious'))).toBe(true);
  });
});

describe('A lab in a folder that cannot carry hosts', () => {
  it('is refused with what to do, and leaves nothing', async () => {
    const [name, folder] = ['down-test', join(tmpdir(), 'belay-overlay-test')];
    const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((part) => join(folder, part));
    for (const part of [lower, upper, work, merged]) await mkdir(part ?? '', { recursive: true });
    await must([
      'mount',
      '-t',
      'overlay',
      '-o',
      `lowerdir=${lower},upperdir=${upper},workdir=${work}`,
      'test',
      merged ?? '',
    ]);
    try {
      const order = { name, description, folder: join(merged ?? '', 'lab') };
      await expect(labUp(order)).rejects.toThrow('choose a folder on ext4');
      expect(await traces(name, order.folder)).toEqual([]);
    } finally {
      await removeFolder(folder);
    }
  });
});

describe('A lab whose machine was restarted', () => {
  it('is started again over the same files, at the same addresses', async () => {
    const [name, folder] = ['down-test', folderOf('down-test')];
    const before = await labUp({ name, description, folder });
    await before.exec('one', ['sh', '-c', 'echo kept >/root/kept']);
    await loseAllButFiles(name, before.folder);
    const after = await labUp({ name, description, folder });
    expect(after.hosts).toEqual(before.hosts);
    expect((await after.exec('one', ['cat', '/root/kept'])).stdout).toBe('kept\n');
    expect((await after.exec('two', ['ping', '-c1', '-W2', 'one'])).code).toBe(127);
    expect((await after.exec('two', ['apt-get', 'update'])).code).toBe(0);
  });
});

/** What a restart does: no process, namespace, link or mount is left, every file is. */
async function loseAllButFiles(name: string, folder: string): Promise<void> {
  const namespaces = [switchOf(name), namespaceOf(name, 'one'), namespaceOf(name, 'two')];
  for (const namespace of namespaces) {
    const { stdout } = await run(['ip', 'netns', 'pids', namespace]);
    for (const pid of stdout.split('\n').filter(Boolean)) await run(['kill', '-9', pid]);
    await expect.poll(async () => (await run(['ip', 'netns', 'pids', namespace])).stdout).toBe('');
    await run(['ip', 'netns', 'del', namespace]);
    expect(existsSync(namespaceFile(namespace))).toBe(false);
  }
  for (const host of ['one', 'two']) await run(['umount', join(folder, 'hosts', host, 'root')]);
}
