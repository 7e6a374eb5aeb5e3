// cspell:words peername certdata
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { moving } from './another-address.js';
import { carryBack, carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { entriesHeld, root } from './gluu-servers.js';
import { changes, differences, failures, small } from './gluu-world.js';
import { otherThanLiving } from './living.js';

const runbook = 'runbooks/gluu/change-address.yaml';
const machines = ['node1', 'node2', 'balancer'];
const { public_name } = small;
/** What begins and ends with each run, a client's requests. */
const client = ['watch.begun', 'watched.ended', 'watched.kept', 'watched.cleared'].map((step) => `${step} on node1`);

describe('another address, of machines of a real cluster', () => {
  const world = setCluster('gluu-address-test', 'clustered');
  const { on } = world;
  let asked: Readonly<Record<string, unknown>>;
  const { given, comesFrom, inventory, takenBack } = moving(world, machines);

  beforeAll(async () => {
    await world.belay.keepSecret('gluu-file-sync', 'a'.repeat(63) + 'Z');
    // The lab's machine, where Belay's worker runs.
    const workers = [addressOf('node1').replace(/\d+$/, '254')];
    asked = { public_name, firewall: 'nftables', workers, file_sync: true };
    const prepared = { ...small, disk: '100MiB', hosts_files: 'host', firewall: 'nftables', workers, clock: 'compare' };
    await carryThrough(world.belay, 'runbooks/gluu/prepare.yaml', prepared);
    await carryThrough(world.belay, 'runbooks/gluu/file-sync.yaml', {});
  }, 1_500_000);
  afterEach(takenBack, 60_000);

  const addressOf = (host: string): string => world.lab.host(host).address;
  const refused = async (host: string, former: string, file: string): Promise<string[]> => {
    const { hash, plan } = await world.belay.plan(runbook, { ...asked, host, former }, file);
    const run = await world.belay.start(hash);
    await world.belay.until(run, ['failed'], 600);
    expect(await changes(world.belay, run, plan)).toEqual([]);
    return failures(world.belay, run);
  };
  const verified = async (file?: string): Promise<string[]> => {
    const wanted = { ...small, disk: '100MiB', firewall: 'nftables', file_sync: true };
    const run = await world.belay.start((await world.belay.plan('runbooks/gluu/verify.yaml', wanted, file)).hash);
    await world.belay.until(run, ['failed', 'succeeded'], 1200);
    return (await world.belay.tasks(run))
      .filter(({ state }) => state === 'failed')
      .map(({ step, host, summary }) => `${step}@${host}: ${summary}`);
  };
  const entries = async (node: string): Promise<string[]> => {
    return entriesHeld(world.lab, node, world.secret('gluu-directory-manager'), `${node}.lab.test`);
  };

  /** The certificate by which csync2 on the first node takes the second one, and the address that it has it for. */
  const pins = async (): Promise<string> =>
    on('node1', `sqlite3 /var/lib/csync2/node1.lab.test.db3 "SELECT peername || ' ' || certdata FROM x509_cert"`);

  it('begins with a cluster that is as it must be', async () => {
    expect(await verified()).toEqual([]);
  }, 1_500_000);

  it('is looked at by sign-ins over two nodes from the balancer’s machine, behind firewalls', async () => {
    const oxauth = (what: string): string => `chroot ${root} /etc/init.d/oxauth ${what} </dev/null >/dev/null 2>&1`;
    const answers = `until curl -sfk -o /dev/null --resolve ${public_name}:443:127.0.0.1 https://${public_name}/.well-known/openid-configuration; do sleep 1; done`;
    await on('node2', oxauth('stop'));
    const red = await verified().finally(async () => on('node2', `${oxauth('start')}; ${answers}`));
    expect(red.map((one) => one.split(':')[0]).sort()).toEqual([
      'keys.same@node2',
      'login_from.node1.to.node2.signed_in@balancer',
      'verdict@node1',
      'web.issuer@node2',
    ]);
  }, 1_500_000);

  it('is refused for a node that still comes from the former one, and for names that lead there, before anything changes', async () => {
    const [former, address] = [addressOf('node2'), await given('node2')];
    const file = inventory('node2', address);
    expect(await refused('node2', former, file)).toEqual(['ready.comes.node1@node2']);
    await on('node2', `ip route replace ${address.replace(/\d+$/, '0/24')} dev eth0 src ${address}`);
    expect((await refused('node2', former, file)).sort()).toEqual(machines.map((one) => `look.own@${one}`).sort());
    await on('node2', `ip route replace ${address.replace(/\d+$/, '0/24')} dev eth0 src ${former}`);
  }, 1_500_000);

  it('of a node is followed by directory, nginx, csync2, hosts files and firewalls, while clients are served, and goes back', async () => {
    const [former, address] = [addressOf('node2'), await given('node2')];
    const file = inventory('node2', address);
    await comesFrom('node2', address, former);
    const held = await entries('node1');
    expect(held.length).toBeGreaterThan(10);
    const known = await pins();
    expect(known).toMatch(new RegExp(`^${former} [0-9A-F]{100,}$`));
    await world.lab.mark('former');

    const first = await carryThrough(world.belay, runbook, { ...asked, host: 'node2', former }, file);
    expect(String(await world.belay.output(first.run, 'watched.answered', 'node1'))).toMatch(/^lost=0$/m);
    expect(
      await on('node2', `ss -Hltn | awk '{ print $4 }' | grep -cE '^(\\[::ffff:)?${address}]?:(1636|4444|30865)$'`),
    ).toBe('3');
    expect(await verified(file)).toEqual([]);
    expect((await carryThrough(world.belay, runbook, { ...asked, host: 'node2', former }, file)).changed).toEqual(
      client,
    );

    const listen = 'my $one = IO::Socket::INET->new(LocalAddr => shift, LocalPort => 4445, Listen => 1); sleep 900';
    await on(
      'node2',
      `setsid perl -MIO::Socket::INET -e '${listen}' ${former} </dev/null >/dev/null 2>&1 & echo $! >/run/stray`,
    );
    const { hash } = await world.belay.plan(runbook, { ...asked, host: 'node2', former }, file);
    const run = await world.belay.start(hash);
    const { approval } = await world.belay.until(run, ['waiting'], 600);
    await world.belay.approve(run, approval!.phase);
    await world.belay.until(run, ['running'], 60);
    await world.belay.until(run, ['paused', 'waiting', 'failed'], 1200);
    expect(await failures(world.belay, run)).toEqual(['gone.listened@node2']);
    await on('node2', 'kill "$(cat /run/stray)"; rm /run/stray');
    await carryBack(world.belay, run);

    await carryBack(world.belay, first.run);
    for (const node of ['node1', 'node2']) expect(await entries(node)).toEqual(held);
    expect(await pins()).toBe(known);
    // Whoever looked whether its ports can be reached there still listened when the mark was set.
    const listened = `node2 port removed tcp ${address}:`;
    const left = otherThanLiving(await differences(world.lab, 'former'));
    expect(left.filter((one) => !one.startsWith(listened))).toEqual([]);
    await comesFrom('node2', former, address);
    expect(await verified()).toEqual([]);
  }, 2_400_000);

  it('of the machine that is balancer and cache host is followed by tunnels, hosts files and firewalls, and goes back', async () => {
    const [former, address] = [addressOf('balancer'), await given('balancer')];
    const file = inventory('balancer', address);
    await comesFrom('balancer', address, former);
    await world.lab.mark('former');

    const first = await carryThrough(world.belay, runbook, { ...asked, host: 'balancer', former }, file);
    expect(await on('node1', 'grep -h ^connect /etc/stunnel/redis-client.conf')).toBe(`connect = ${address}:16379`);
    expect(await verified(file)).toEqual([]);
    expect((await carryThrough(world.belay, runbook, { ...asked, host: 'balancer', former }, file)).changed).toEqual(
      client,
    );

    await carryBack(world.belay, first.run);
    expect(otherThanLiving(await differences(world.lab, 'former'))).toEqual([]);
    await comesFrom('balancer', former, address);
    expect(await verified()).toEqual([]);
  }, 2_400_000);
});
