import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { program } from '../../apps/cli/up/belay-processes.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import type { HostChecked, HostCleaned, HostKeysSeen } from '../../model/answers.js';
import type { HostCheckArgument } from '../../model/host-requests.js';
import { startBelay, type Belay } from './belay.js';
import { twoNodes } from './two-nodes.js';

describe('a question to a real host', () => {
  let lab: Lab;
  let belay: Belay;
  const folder = mkdtempSync(join(tmpdir(), 'belay-hosts-'));

  beforeAll(async () => {
    lab = await labUp({ name: 'asked', description: twoNodes });
    belay = await startBelay(lab);
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown('asked');
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  const of = (name: string, more: Partial<HostCheckArgument> = {}): HostCheckArgument => {
    const { address, port, hostKeys } = lab.host(name);
    return { host: name, address, port, user: 'root', hostKeys, key: { secret: 'lab-key' }, ...more };
  };
  const ask = async (what: string, body: unknown): Promise<Response> =>
    belay.request(`/v1/hosts/${what}`, { method: 'POST', body: JSON.stringify(body) });
  const answer = async <T>(what: string, body: unknown): Promise<T> => {
    const response = await ask(what, body);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as T;
  };
  const journal = async (host: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', `ls -R /var/lib/belay/${host}`])).stdout;
  const cli = async (...words: string[]): Promise<string> => {
    const command = [program('apps', 'cli', 'main.js'), ...words];
    const environment = { ...process.env, BELAY_DATA: belay.data, BELAY_API_URL: belay.stack.api };
    return (await promisify(execFile)(process.execPath, command, { cwd: folder, env: environment })).stdout;
  };
  const scanned = (name: string): unknown => {
    const { host, address, port } = of(name);
    return { host, address, port };
  };

  it('shows the keys that the lab has pinned, without logging in', async () => {
    const seen = await answer<HostKeysSeen>('scan', scanned('node1'));
    expect(seen.keys).toEqual(expect.arrayContaining([...lab.host('node1').hostKeys]));
    expect(seen.fingerprints).toHaveLength(seen.keys.length);
  });

  it('says that nobody answers', async () => {
    const refused = await ask('scan', { host: 'node1', address: lab.host('node1').address, port: 1 });
    expect(await refused.text()).toContain('host/unreachable');
  });

  it('opens a runner with the pinned keys and tells what the host is', async () => {
    const release = (await lab.exec('node1', ['cat', '/etc/os-release'])).stdout;
    const checked = await answer<HostChecked>('check', of('node1'));
    expect(release).toMatch(new RegExp(`^ID="?${checked.os}"?$`, 'm'));
    expect(checked.architecture).toBe((await lab.exec('node1', ['uname', '-m'])).stdout.trim());
  });

  it('refuses a host that shows another key than the pinned one', async () => {
    const refused = await ask('check', of('node1', { hostKeys: lab.host('node2').hostKeys }));
    expect(await refused.text()).toContain('host/key-changed');
  });

  it('names the secret that it would need', async () => {
    const refused = await ask('check', of('node1', { key: { secret: 'no-such-key' } }));
    expect(await refused.text()).toContain('secret/missing');
  });

  it('takes the host from no run that is acting on it', async () => {
    const run = await belay.start((await belay.plan('test/cases/end-to-end/long', { lines: 20 })).hash);
    await expect
      .poll(async () => (await belay.output(run, 'one', 'node1')).toString(), { timeout: 60_000 })
      .toContain('line 3');
    for (const name of ['node1', 'node2']) await answer('check', of(name));
    await belay.until(run, ['succeeded']);
    await belay.say(run, 'undo');
    await belay.until(run, ['undone', 'undo_incomplete']);
  });

  it('makes a host forget a run that is undone, and no other', async () => {
    const { hash } = await belay.plan('test/cases/end-to-end/small');
    const run = await belay.start(hash);
    await belay.until(run, ['waiting']);
    await belay.say(run, 'cancel', { then: 'undo' });
    await belay.until(run, ['undone']);
    const kept = await belay.start(hash);
    await belay.until(kept, ['waiting']);
    // The author's own step that undoes `ledger` has a journal too.
    expect(await journal('node1')).toContain(`${run}.un`);
    const { forgotten } = await answer<HostCleaned>('clean', of('node1'));
    expect(forgotten).toEqual(expect.arrayContaining([`${run}.conf`, `${run}.ledger`, `${run}.hello`]));
    expect(await journal('node1')).not.toContain(run);
    expect(await journal('node1')).toContain(`${kept}.conf`);
    expect(await journal('node2')).toContain(`${run}.conf`);
    expect((await answer<HostCleaned>('clean', of('node1'))).forgotten).toEqual([]);
    await belay.say(kept, 'cancel');
    await belay.until(kept, ['cancelled']);
    await expect(belay.say(run, 'undo')).rejects.toThrow('the run has ended (undone)');

    await aMonthLater(kept);
    expect((await answer<HostCleaned>('clean', of('node2'))).forgotten).toContain(`${kept}.conf`);
    await expect(belay.say(kept, 'undo')).rejects.toThrow(`run ${kept} is archived`);
  });

  it('is asked on the command line: keys are pinned, checked, and what is archived goes', async () => {
    const bare = readFileSync(lab.inventoryFile, 'utf8').replace(
      /host_keys:\s*(\[[^\]]*\]|(\n\s+- .*)+)/g,
      'host_keys: []',
    );
    writeFileSync(join(folder, 'hosts.yaml'), bare);
    expect(await cli('host', 'list', '-i', 'hosts.yaml')).toContain('none: belay host enrol');
    for (const name of ['node1', 'node2'])
      expect(await cli('host', 'enrol', name, '-i', 'hosts.yaml', '--yes')).toContain('pinned in hosts.yaml');
    const pinned = readFileSync(join(folder, 'hosts.yaml'), 'utf8');
    for (const key of lab.host('node1').hostKeys) expect(pinned).toContain(key);
    expect(await cli('host', 'check', '-i', 'hosts.yaml')).toMatch(/node1\s+ok[^]*node2\s+ok/);
    expect(await cli('host', 'clean', 'all', '-i', 'hosts.yaml')).toMatch(/tasks? forgotten/);
  });

  async function aMonthLater(run: string): Promise<void> {
    const client = new pg.Client(belay.stack.databaseUrl);
    await client.connect();
    await client.query(`update runs set ended_at = ended_at - interval '31 days' where run = $1`, [run]);
    await client.end();
  }
});
