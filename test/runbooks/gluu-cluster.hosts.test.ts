import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { projectFolder } from '../../lab/places.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { answeredFor, answeredForRunning } from './answered-for.js';
import { carryBack, carryThrough } from './carry-through.js';
import { lasting } from './gluu-cluster-lab.js';
import { changes, differences, failures } from './gluu-world.js';
import { inShell } from './runbook-lab.js';
import { listenOnWire } from './wire.js';

const name = 'gluu-cluster';
const runbook = 'runbooks/gluu/cluster.yaml';
const nodes = ['node1', 'node2', 'node3'];
const root = '/opt/gluu-server-3.1.6';
const setUp = `${root}/install/community-edition-setup`;
/** What every request and every entry of a directory names. */
const inTheClear = ['o=gluu', 'o=site', 'ou=people', 'cn=directory manager', 'oxCacheConfiguration'];
/** Processes of what a cluster consists of, by number: what was restarted has another. The asking shell is none of them. */
const processes = `pgrep -f 'stand-in[.]jar|/opt/opendj[/]|nginx[:] master|redis-server[ ]|stunnel[4]' | sort | paste -sd,`;

describe('gluu/cluster, on real hosts', () => {
  const world = {} as { lab: Lab; belay: Belay; run: string };

  beforeAll(async () => {
    world.lab = await labUp({ name, description: 'lab/descriptions/gluu.yaml' });
    world.belay = await startBelay(world.lab);
  }, 600_000);
  afterAll(async () => {
    await world.belay?.stop();
    await labDown(name);
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> => inShell(world.lab, host, script);
  const running = async (): Promise<string[]> =>
    Promise.all([...nodes, 'balancer', 'cache'].map(async (host) => on(host, processes)));
  /** Runs it where it must stop before anything changes: which steps failed, and what was changed all the same. */
  const refused = async (inventory?: string): Promise<{ failed: string[]; changed: string[] }> => {
    const { hash, plan } = await world.belay.plan(runbook, {}, inventory);
    const run = await world.belay.start(hash);
    await world.belay.until(run, ['failed'], 180);
    return { failed: (await failures(world.belay, run)).sort(), changed: await changes(world.belay, run, plan) };
  };
  const addressOf = (host: string): string => world.lab.host(host).address;
  /** The rules of a host as the kernel has them, those of each table under its name. */
  const rulesOn = async (host: string): Promise<string[]> =>
    (
      await on(
        host,
        `nft list ruleset | grep -E '^table|dport' | sed 's/^[[:space:]]*//; s/ {$//; s/reject .*/reject/'`,
      )
    ).split('\n');
  /** The rules that a host must have, by the port matrix of Gluu's clusters. */
  const wallsWith =
    (workers: readonly string[]) =>
    (host: string): string[] => {
      const allow = (port: number, from: readonly string[]): string[] =>
        from.map((one) => `ip saddr ${one} tcp dport ${String(port)} accept`);
      const reject = (ports: readonly number[]): string[] => ports.map((port) => `tcp dport ${String(port)} reject`);
      const all = nodes.map(addressOf);
      if (host === 'cache') return ['table inet belay_gluu_cache', ...allow(16379, all), ...reject([16379])];
      const own = [1636, 4444, 8989, 30865];
      if (host === 'balancer')
        return [
          'table inet belay_gluu_balancer',
          'tcp dport 80 accept',
          'tcp dport 443 accept',
          ...reject([...own, 16379]),
        ];
      return [
        'table inet belay_gluu_node',
        ...[1636, 4444].flatMap((port) => allow(port, [...all, ...workers])),
        ...[8989, 30865].flatMap((port) => allow(port, all)),
        ...allow(443, [addressOf('balancer')]),
        ...reject([...own, 443]),
      ];
    };
  /** Ways that a firewall shuts: to the web server and the directory of a node, and to the tunnel of the cache. */
  const waysOf = async (): Promise<string[]> =>
    Promise.all(
      [
        ['node1', 'node2', '443'],
        ['balancer', 'node2', '1636'],
        ['balancer', 'cache', '16379'],
      ].map(async ([from = '', to = '', port = '']) =>
        on(from, `bash -c '</dev/tcp/${addressOf(to)}/${port}' 2>/dev/null && echo open || echo shut`),
      ),
    );
  /** The inventory with the cache on the balancer. */
  const together = (): string => {
    const file = world.lab.inventoryFile.replace(/\.yaml$/, '-together.yaml');
    const inventory = parse(readFileSync(world.lab.inventoryFile, 'utf8')) as { groups: Record<string, string[]> };
    writeFileSync(file, stringify({ ...inventory, groups: { ...inventory.groups, cache: ['balancer'] } }));
    return file;
  };
  /** The command that the README tells, with Belay's data where this test has them; it makes the secrets that are missing. */
  const asDocumented = async (...more: string[]): Promise<{ code: number; said: string; run: string }> => {
    const words = ['run', 'start', 'gluu/cluster', '-i', world.lab.inventoryFile, '--yes', '--approve', ...more];
    const child = spawn(process.execPath, [join(projectFolder(), 'build/apps/cli/main.js'), ...words], {
      env: { ...process.env, BELAY_DATA: world.belay.data, BELAY_API_URL: world.belay.stack.api },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const bytes: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (some: Buffer) => void bytes.push(some));
    const [code] = (await once(child, 'close')) as [number];
    const said = Buffer.concat(bytes).toString();
    return { code, said, run: /gluu-cluster-[a-z0-9]{8}/.exec(said)?.[0] ?? '' };
  };
  /** Says something between two nodes that everybody on the way can read. */
  const sayInTheClear = async (words: string): Promise<void> => {
    const listen = `perl -MIO::Socket::INET -e '
      my $door = IO::Socket::INET->new(LocalPort => 8999, Listen => 1, ReuseAddr => 1) or die; my $one = $door->accept; <$one>'`;
    const said = on('node2', listen);
    await on('node1', `bash -c "until echo '${words}' >/dev/tcp/node2.lab.test/8999; do sleep 0.2; done" 2>/dev/null`);
    await said;
  };

  it('refuses too small a disk before anything changes, and says on which hosts', async () => {
    const { code, said, run } = await asDocumented('-p', 'disk=900TiB');
    expect([code, said]).not.toEqual([0, expect.any(String)]);
    expect((await failures(world.belay, run)).sort()).toEqual(nodes.map((node) => `node.disk@${node}`));
    expect((await world.belay.tasks(run)).filter(({ state }) => state === 'changed')).toEqual([]);
  }, 180_000);

  it.each([
    { it: 'a cache on the balancer', inventory: together, found: ['place@node1'] },
    {
      it: 'a Gluu server of another name',
      begin: `mkdir -p ${setUp} && echo hostname=other.lab.test >${setUp}/setup.properties.last`,
      found: ['node_name.installed@node2'],
    },
    { it: 'a part of a cluster', begin: `mkdir -p ${setUp}`, found: ['begun@node1'] },
  ])('refuses $it before anything changes', async ({ inventory, begin, found }) => {
    if (begin !== undefined) await on('node2', begin);
    const outcome = await refused(inventory?.()).finally(async () => on('node2', `rm -rf ${root}`));
    expect(outcome).toEqual({ failed: found, changed: [] });
  });

  it('makes a verified cluster of bare hosts by the documented command, of whose directory nothing goes over the wire in the clear', async () => {
    await world.lab.mark('before');
    const wire = await listenOnWire(name, [1636, 4444, 8989, 8999], join(world.lab.folder, 'wire'));
    const began = Date.now();
    const { code, said, run } = await asDocumented();
    world.run = run;
    expect([code, said.slice(-2000)]).toEqual([0, expect.any(String)]);
    process.stdout.write(`three nodes after ${String(Math.round((Date.now() - began) / 1000))} s\n`);
    await sayInTheClear('dn: o=gluu');
    const heard = await wire.heard('dn: o=gluu');
    expect(heard.length).toBeGreaterThan(100_000);
    expect(inTheClear.map((one) => [one, count(heard, one)])).toEqual(
      inTheClear.map((one) => [one, one === 'o=gluu' ? 1 : 0]),
    );
    const states = await world.belay.states(world.run);
    expect(states['verify_login.node2.signed_in@node3']).toBe('ok');
    expect(states['verify_files.equal@node3']).toBe('ok');
    expect(states['verify_seen.issuer@node1']).toBe('ok');
  }, 2_400_000);

  it('finds a cluster that stands, looks at all of it once more, and neither changes nor restarts anything', async () => {
    const before = await running();
    const { changed } = await carryThrough(world.belay, runbook, {});
    expect(lasting(changed)).toEqual([]);
    expect(await running()).toEqual(before);
  }, 1_200_000);

  it('is verified by gluu/verify as well', async () => {
    await carryThrough(world.belay, 'runbooks/gluu/verify.yaml', {
      public_name: 'login.lab.test',
      file_sync: true,
    });
  }, 600_000);

  it('has a firewall shut what only the cluster is to reach, and opens it again when undone', async () => {
    expect(await waysOf()).toEqual(['open', 'open', 'open']);
    await world.lab.mark('open');
    const workers = [addressOf('node1').replace(/\d+$/, '254')];
    const { run, changed } = await carryThrough(world.belay, runbook, { firewall: 'nftables', workers });
    expect(changed.filter((one) => !/^(node|cache|balancer)_rules\./.test(one))).toEqual([]);
    const walls = wallsWith(workers);
    for (const host of [...nodes, 'balancer', 'cache'])
      expect([host, await rulesOn(host)]).toEqual([host, walls(host)]);
    expect(await waysOf()).toEqual(['shut', 'shut', 'shut']);
    expect((await carryThrough(world.belay, runbook, { firewall: 'nftables', workers })).changed).toEqual([]);
    const verified = { public_name: 'login.lab.test', file_sync: true, firewall: 'nftables' };
    await carryThrough(world.belay, 'runbooks/gluu/verify.yaml', verified);
    await carryBack(world.belay, run);
    expect(await waysOf()).toEqual(['open', 'open', 'open']);
    expect(answeredForRunning(await differences(world.lab, 'open'))).toEqual([]);
  }, 1_800_000);

  it.each([
    {
      missing: 'a part is missing',
      begin: `mv ${root}/etc/gluu-cache-settings.taken-up /root/away`,
      end: `mv /root/away ${root}/etc/gluu-cache-settings.taken-up`,
    },
    {
      missing: 'applications have yet to start anew',
      begin: `: >${root}/etc/gluu-directory-filled`,
      end: `rm ${root}/etc/gluu-directory-filled`,
    },
  ])(
    'refuses a cluster of which $missing',
    async ({ begin, end }) => {
      await on('node3', begin);
      const outcome = await refused();
      await on('node3', end);
      expect(outcome).toEqual({ failed: ['begun@node1'], changed: [] });
    },
    300_000,
  );

  it('takes it back to bare hosts', async () => {
    const began = Date.now();
    await world.belay.say(world.run, 'undo');
    await world.belay.until(world.run, ['undone'], 1200);
    process.stdout.write(`taken back after ${String(Math.round((Date.now() - began) / 1000))} s\n`);
    expect(answeredFor(await differences(world.lab, 'before'))).toEqual([]);
  }, 1_500_000);
});

function count(bytes: Buffer, words: string): number {
  let found = 0;
  for (let at = bytes.indexOf(words); at >= 0; at = bytes.indexOf(words, at + 1)) found++;
  return found;
}
