import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labCheckpoints, labDown, labForget, labRestore, labSave, labUp, findLab, type Lab } from '../../lab/lab.js';
import { checkpointFolder } from '../../lab/checkpoint.js';
import { must } from '../../lab/program.js';
import { traces } from './traces.js';

const [name, other, checkpoint] = ['checkpoint-test', 'checkpoint-else', 'of-the-test'] as const;
const folder = join(tmpdir(), 'belay-checkpoint-test');
const kept = join(folder, 'secrets');
let saved: Lab;

const on = async (lab: Lab, host: string, script: string): Promise<string> => {
  const { stdout, stderr, code } = await lab.exec(host, ['sh', '-euc', script]);
  expect(code, stderr).toBe(0);
  return stdout.trim();
};

/** What of files, ports and processes is otherwise than at a mark; starts are logged. */
const differences = async (lab: Lab, mark: string): Promise<string[]> =>
  (await lab.diff(mark)).differences
    .map((one) => `${one.host} ${one.change} ${one.subject}`)
    .filter((one) => !one.includes(' changed /var/log/'));

beforeAll(async () => {
  await labForget(checkpoint);
  await mkdir(kept, { recursive: true });
  await writeFile(join(kept, 'gluu-salt'), 'salt', { mode: 0o600 });
  saved = await labUp({
    name,
    folder: join(folder, 'first'),
    description: { hosts: { one: {}, two: {} }, packages: ['redis-server'] },
    say: () => undefined,
  });
  await on(
    saved,
    'one',
    'apt-get -q install -y redis-server; redis-cli set kept by-redis; redis-cli config set save ""',
  );
  // A file that is gone, a folder that hides the image's, an owner, a hard link, a hole, an attribute.
  await on(
    saved,
    'one',
    `rm /etc/issue; rm -r /etc/ssl; mkdir /etc/ssl; echo x >/root/x; chown 7:8 /root/x; ln /root/x /root/y; truncate -s 64M /root/hole`,
  );
  await must(['setfattr', '-n', 'user.kept', '-v', 'yes', join(saved.host('one').root, 'root/x')]);
});

afterAll(async () => {
  for (const each of [name, other]) await labDown(each);
  await labForget(checkpoint);
  await rm(folder, { recursive: true, force: true });
});

describe('A checkpoint of a lab', () => {
  it('is saved from hosts that were shut down in an orderly way, and run again afterwards', async () => {
    const before = await on(saved, 'one', 'cat /proc/sys/kernel/random/boot_id');
    // Redis writes its values only when it is asked to end.
    await on(saved, 'one', 'redis-cli config set save "3600 1"; redis-cli set kept by-its-end');
    await labSave(name, { checkpoint, with: [kept], from: 'the test' });
    expect(await on(saved, 'one', 'redis-cli get kept')).toBe('by-its-end');
    expect(await on(saved, 'one', 'cat /proc/sys/kernel/random/boot_id')).not.toBe(before);
    expect((await labCheckpoints()).find((one) => one.name === checkpoint)).toMatchObject({ from: 'the test' });
    await saved.mark('saved');
  });

  it('is not overwritten by another of its name', async () => {
    await expect(labSave(name, { checkpoint })).rejects.toThrow('lab forget of-the-test');
  });

  it('outlives the lab, which it makes again at the same addresses, with the same keys and files, its services running', async () => {
    const addresses = saved.hosts.map((host) => [host.address, host.hostKeys]);
    await must(['cp', join(saved.folder, 'marks', 'saved.json'), join(folder, 'mark')]);
    await labDown(name);
    const lab = await labRestore({ name: other, checkpoint, folder: join(folder, 'second') });
    expect(lab.hosts.map((host) => [host.address, host.hostKeys])).toEqual(addresses);
    expect(await readFile(lab.inventoryFile, 'utf8')).toContain(lab.host('two').hostKeys[0]);
    expect(await on(lab, 'one', 'redis-cli get kept; stat -c "%u %g %h" /root/y')).toBe('by-its-end\n7 8 2');
    expect(Number(await on(lab, 'one', 'stat -c %b /root/hole'))).toBeLessThan(100);
    expect(await must(['getfattr', '--only-values', '-n', 'user.kept', join(lab.host('one').root, 'root/x')])).toBe(
      'yes',
    );
    await must(['mkdir', '-p', join(lab.folder, 'marks')]);
    await must(['cp', join(folder, 'mark'), join(lab.folder, 'marks', 'saved.json')]);
    expect(await differences(lab, 'saved')).toEqual([]);
    expect(
      await on(lab, 'two', 'apt-get -q update >/dev/null; getent ahostsv4 one.lab.test | head -n 1 | cut -d " " -f 1'),
    ).toBe(lab.host('one').address);
  });

  it('carries what it was given, for root alone', async () => {
    const file = join(folder, 'second/with/secrets/gluu-salt');
    expect([await readFile(file, 'utf8'), (await stat(file)).mode & 0o777]).toEqual(['salt', 0o600]);
    expect((await stat(join(folder, 'second'))).mode & 0o777).toBe(0o700);
    expect((await stat(checkpointFolder(checkpoint))).mode & 0o777).toBe(0o700);
  });

  it('makes no second lab where the first one’s addresses are in use, and leaves nothing of the attempt', async () => {
    const third = join(folder, 'third');
    const before = await traces(name, third);
    await expect(labRestore({ name, checkpoint, folder: third })).rejects.toThrow('in use on this machine');
    expect(await traces(name, third)).toEqual(before);
    await expect(labRestore({ name: other, checkpoint })).rejects.toThrow('belay lab down --name checkpoint-else');
  });

  it('is gone when it is forgotten, which no lab minds', async () => {
    expect(await labForget(checkpoint)).toBe(true);
    expect(existsSync(checkpointFolder(checkpoint))).toBe(false);
    expect(await labForget(checkpoint)).toBe(false);
    await expect(labRestore({ name, checkpoint })).rejects.toThrow('there is no checkpoint "of-the-test"');
    expect(await on((await findLab(other))!, 'one', 'redis-cli ping')).toBe('PONG');
  });
});
