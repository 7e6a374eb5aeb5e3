import { execFile, fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse, stringify } from 'yaml';
import { program } from '../../apps/cli/up/belay-processes.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { phaseWorkflowId } from '../../workflows/messages.js';
import { cases, startBelay, type Belay } from './belay.js';

/** An inventory as it is written, as far as these tests change it. */
interface Written {
  hosts: Record<string, Record<string, unknown>>;
  groups: Record<string, string[]>;
}

describe('Belay reaches real hosts', () => {
  let lab: Lab;
  let belay: Belay;
  let temporal: Client;
  const folder = mkdtempSync(join(tmpdir(), 'belay-reach-'));

  beforeAll(async () => {
    lab = await labUp({
      name: 'reached',
      description: {
        hosts: { bastion: {}, inner: { preinstalled: ['sudo'] }, node: {} },
        groups: { nodes: ['inner', 'node'] },
      },
    });
    belay = await startBelay(lab);
    temporal = new Client({ connection: await Connection.connect({ address: belay.stack.temporalAddress }) });
    for (const host of ['bastion', 'inner'])
      await on(host, "useradd -m -s /bin/sh deploy && printf 'deploy:first word' | chpasswd");
    await on('inner', "umask 337; echo 'deploy ALL=(root) NOPASSWD: /bin/sh' >/etc/sudoers.d/belay");
  }, 600_000);
  afterAll(async () => {
    await temporal?.connection.close();
    await belay?.stop();
    await labDown('reached');
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> => {
    const { code, stdout, stderr } = await lab.exec(host, ['sh', '-c', script]);
    if (code !== 0) throw new Error(`${script}: ${stderr}`);
    return stdout;
  };
  /** Writes an inventory like the lab's own, changed by `change`. */
  const inventory = (change: (written: Written) => void): string => {
    const written = parse(readFileSync(lab.inventoryFile, 'utf8')) as Written;
    change(written);
    const file = join(folder, 'hosts.yaml');
    writeFileSync(file, stringify(written, { lineWidth: 0, aliasDuplicateObjects: false }));
    return file;
  };
  const cli = async (words: readonly string[], input = ''): Promise<string> => {
    const command = [program('apps', 'cli', 'main.js'), ...words];
    const environment = { ...process.env, BELAY_DATA: belay.data, BELAY_API_URL: belay.stack.api };
    return new Promise((resolve, reject) => {
      const child = execFile(process.execPath, command, { cwd: folder, env: environment }, (error, stdout, stderr) =>
        error ? reject(new Error(`${stdout}${stderr}`)) : resolve(stdout),
      );
      child.stdin?.end(input);
    });
  };
  const throughBastion = ({ hosts, groups }: Written): void => {
    const { address, port, host_keys } = hosts['inner'] ?? {};
    const key = { secret: 'deploy-key' };
    hosts['bastion'] = { ...hosts['bastion'], user: 'deploy', key };
    hosts['inner'] = { address, port, host_keys, user: 'deploy', sudo: true, jump: 'bastion', key };
    groups['nodes'] = ['inner'];
  };

  it('with a key that it makes itself and installs with a password, on one host and through it on the next', async () => {
    inventory(throughBastion);
    const made = await cli(['host', 'key', 'bastion', '-i', 'hosts.yaml']);
    expect(made).toContain('deploy-key, version 1, sealed to the worker');
    const line = /^ssh-ed25519 \S+ belay:deploy-key$/m.exec(made)?.[0] ?? '';
    await expect(cli(['host', 'check', 'bastion', '-i', 'hosts.yaml'])).rejects.toThrow('host/login-refused');
    await expect(cli(['host', 'key', 'bastion', '-i', 'hosts.yaml', '--install'], 'wrong word\n')).rejects.toThrow(
      /host\/login-refused.*the password/s,
    );
    await on(
      'bastion',
      "mkdir -m 700 ~deploy/.ssh && printf 'ssh-ed25519 AAAA somebody' >~deploy/.ssh/authorized_keys",
    );
    await on('bastion', 'chown -R deploy ~deploy/.ssh');
    for (const host of ['bastion', 'inner', 'inner']) {
      const said = await cli(['host', 'key', host, '-i', 'hosts.yaml', '--install'], 'first word\n');
      expect(said).toBe(`deploy on ${host} takes the key now: it has logged in\n`);
    }
    const file = '~deploy/.ssh/authorized_keys';
    expect(await on('bastion', `cat ${file}`)).toBe(`ssh-ed25519 AAAA somebody\n${line}\n`);
    expect(await on('inner', `cat ${file}; stat -c '%a %U' ${file}`)).toBe(`${line}\n600 deploy\n`);
    expect(await cli(['host', 'key', 'inner', '-i', 'hosts.yaml'])).toContain(line);
    expect(await cli(['host', 'check', 'bastion', 'inner', '-i', 'hosts.yaml'])).toMatch(/bastion\s+ok[^]*inner\s+ok/);
  });

  it('as root by sudo, through a host on the way, and its plan says so', async () => {
    const file = inventory(throughBastion);
    const { hash, shown } = await belay.plan(cases('many'), {}, file);
    expect(shown).toMatch(/inner: deploy at \S+, port 22, with the secret deploy-key, version 1, as root by sudo\n/);
    expect(shown).toMatch(/ {4}through bastion: deploy at \S+, port 22, with the secret deploy-key, version 1\n/);
    const run = await belay.start(hash);
    await belay.until(run, ['succeeded']);
    expect((await belay.output(run, 'one', 'inner')).toString()).toBe('root\n');
    expect(await on('inner', 'stat -c %U /tmp/many.word')).toBe('root\n');
    expect(await on('inner', "ss -H -t -n -o state established 'sport = :22'")).toContain(lab.host('bastion').address);
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
  });

  it('with an encrypted key, whose passphrase is a secret, too', async () => {
    const path = join(folder, 'locked');
    writeFileSync(path, readFileSync(lab.keyFile), { mode: 0o600 });
    await new Promise<void>((resolve, reject) =>
      execFile('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'open sesame', '-f', path], (error) =>
        error ? reject(error) : resolve(),
      ),
    );
    await belay.keepSecret('locked-key', readFileSync(path));
    await belay.keepSecret('opener', 'open sesame');
    const key = { secret: 'locked-key', passphrase: 'opener' };
    const file = inventory(({ hosts, groups }) => {
      hosts['node'] = { ...hosts['node'], key };
      groups['nodes'] = ['node'];
    });
    expect(await cli(['host', 'check', 'node', '-i', 'hosts.yaml'])).toMatch(/node\s+ok/);
    const { hash, shown } = await belay.plan(cases('many'), {}, file);
    expect(shown).toContain('with the secret locked-key, version 1, opened by the secret opener, version 1');
    const run = await belay.start(hash);
    await belay.until(run, ['succeeded']);
    await belay.say(run, 'undo');
    await belay.until(run, ['undone']);
  });

  describe('by several workers on one queue', () => {
    /** A second worker beside that of the stack. */
    const another = async (): Promise<ChildProcess> => {
      const env = {
        ...process.env,
        BELAY_DATA: belay.data,
        BELAY_DATABASE_URL: belay.stack.databaseUrl,
        BELAY_TEMPORAL_ADDRESS: belay.stack.temporalAddress,
      };
      const child = fork(program('apps', 'worker', 'main.js'), { env, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      onTestFinished(() => void child.kill('SIGKILL'));
      await new Promise((resolve) => child.once('message', resolve));
      return child;
    };
    /** Who began each activity that acts on the hosts of a wave: process number and host name of the worker. */
    const acts = new Set(['runHostStep', 'runHostSteps']);
    const workersOf = async (run: string, phase = 0): Promise<string[]> => {
      const { events } = await temporal.workflow.getHandle(phaseWorkflowId(run, phase, 0)).fetchHistory();
      const acting = (events ?? [])
        .filter((event) => acts.has(event?.activityTaskScheduledEventAttributes?.activityType?.name ?? ''))
        .map((event) => String(event.eventId));
      return (events ?? []).flatMap((event) => {
        const started = event?.activityTaskStartedEventAttributes;
        return started && acting.includes(String(started.scheduledEventId)) ? [started.identity ?? ''] : [];
      });
    };

    it('keeps the connections of a wave with one of them', async () => {
      await another();
      for (const _ of [1, 2]) {
        const run = await belay.start((await belay.plan(cases('many'))).hash);
        await belay.until(run, ['succeeded']);
        const workers = await workersOf(run);
        expect(workers).toHaveLength(5);
        expect(new Set(workers).size).toBe(1);
        await belay.say(run, 'undo');
        await belay.until(run, ['undone']);
      }
    });

    it('goes on with another one when that is killed, and no effect happens twice', async () => {
      await another();
      const run = await belay.start((await belay.plan(cases('long'), { lines: 60 })).hash);
      await expect
        .poll(async () => (await belay.output(run, 'one', 'node')).toString(), { timeout: 60_000 })
        .toContain('line 3');
      const events = (await temporal.workflow.getHandle(phaseWorkflowId(run, 0, 0)).describe()).raw;
      const keeper = Number.parseInt(events.pendingActivities?.[0]?.lastWorkerIdentity ?? '', 10);
      process.kill(keeper, 'SIGKILL');
      await belay.until(run, ['succeeded'], 120);
      const workers = await workersOf(run);
      expect(workers.map((one) => Number.parseInt(one, 10))).not.toContain(keeper);
      expect(new Set(workers).size).toBe(1);
      for (const host of ['inner', 'node']) expect(await on(host, 'cat /var/log/long.ledger')).toBe('one\ntwo\n');
      expect((await belay.output(run, 'one', 'node')).toString().match(/line/g)).toHaveLength(60);
    });
  });
});
