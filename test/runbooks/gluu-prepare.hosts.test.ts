// cspell:ignore faketimerc libfaketime
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namespaceOf } from '../../lab/network.js';
import { must } from '../../lab/program.js';
import { carryBack, carryOn } from './carry-through.js';
import { differences, failures, small } from './gluu-world.js';
import { cachedOn } from './other-inventory.js';
import { runbookLab, type RunbookLab } from './runbook-lab.js';

const name = 'gluu-prepare';
const runbook = 'runbooks/gluu/prepare.yaml';
const asked = { ...small, firewall: 'nftables', hosts_files: 'host', set_host_name: true };

describe('gluu/prepare, on real hosts', () => {
  let world: RunbookLab;
  /** A certificate for another name than the balancer's. */
  let foreign: string;

  beforeAll(async () => {
    world = await runbookLab({ name, description: 'lab/descriptions/gluu-pair.yaml' }, runbook, asked);
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=x',
    ];
    const names = ['-addext', 'subjectAltName=DNS:other.lab.test', '-keyout', '/dev/null'];
    foreign = await must(['openssl', ...request, ...names]);
  }, 600_000);
  afterAll(async () => world?.end(), 120_000);

  const on = async (host: string, script: string): Promise<string> => world.on(host, script);
  const filter = async (action: '-I' | '-D'): Promise<void> => {
    const rule = ['INPUT', '-p', 'tcp', '--dport', '8989', '-j', 'REJECT'];
    await must(['ip', 'netns', 'exec', namespaceOf(name, 'node2'), 'iptables', '-w', action, ...rule]);
  };
  /** The phases that wait for an approval. */
  const asking = async (inputs: typeof asked): Promise<string[]> =>
    (await world.belay.plan(runbook, inputs)).plan.phases
      .filter(({ approval }) => approval)
      .map(({ name: one }) => one);
  const nothing = async (): Promise<void> => undefined;

  /** What is wrong, how it comes to be so, how it ends, and which step must find it where. */
  const wrong = [
    {
      it: 'a node whose system is another',
      begin: async () => on('node2', `sed -i 's/^VERSION_ID=.*/VERSION_ID="11"/' /usr/lib/os-release`),
      end: async () => on('node2', `sed -i 's/^VERSION_ID=.*/VERSION_ID="12"/' /usr/lib/os-release`),
      inputs: { ...asked, systems: ['debian 11', 'debian 12'] },
      found: 'equal@node1',
    },
    {
      it: 'a clock that is off by five seconds',
      begin: async () =>
        on(
          'node2',
          `cd /tmp; apt-get -q update; apt-get -q download libfaketime; dpkg-deb -x libfaketime_*.deb /tmp/faketime
          echo +5s >/etc/faketimerc; ls /tmp/faketime/usr/lib/*/faketime/libfaketime.so.1 >/etc/ld.so.preload`,
        ),
      end: async () => on('node2', 'rm -rf /etc/ld.so.preload /etc/faketimerc /tmp/faketime /tmp/libfaketime_*'),
      inputs: asked,
      found: 'last@node1',
    },
    {
      it: 'a name that leads elsewhere',
      begin: async () => on('node2', `echo '192.0.2.9 node1.lab.test' >>/etc/hosts`),
      end: async () => on('node2', `sed '$d' /etc/hosts >/tmp/hosts; cat /tmp/hosts >/etc/hosts; rm /tmp/hosts`),
      inputs: { ...asked, hosts_files: 'leave' },
      found: 'found.found.node1@node2',
    },
    {
      it: 'a port that something between the nodes keeps closed',
      begin: async () => filter('-I'),
      end: async () => filter('-D'),
      inputs: asked,
      found: 'before.node2.port.p8989@node1',
    },
    {
      it: 'a public name that is not the balancer’s',
      begin: nothing,
      end: nothing,
      inputs: { ...asked, public_name: 'other.lab.test' },
      found: 'node_name.balancer@node1',
    },
    {
      it: 'a certificate for another name',
      begin: nothing,
      end: nothing,
      inputs: () => ({ ...asked, web_certificate: foreign }),
      found: 'node_name.certificates@node1',
    },
    {
      it: 'too small a disk',
      begin: nothing,
      end: nothing,
      inputs: { ...asked, disk: '900TiB' },
      found: 'node.disk@node1',
    },
  ];

  it.each(wrong)('refuses $it before anything changes', async ({ begin, end, inputs, found }) => {
    await begin();
    try {
      await world.lab.mark('wrong');
      const { failed, changed } = await world.refused(typeof inputs === 'function' ? inputs() : inputs);
      expect(failed).toContain(found);
      expect(changed).toEqual([]);
      // What listens for the trial ends by itself.
      expect((await differences(world.lab, 'wrong')).filter((line) => !/^\w+ (process|port) /.test(line))).toEqual([]);
    } finally {
      await end();
    }
  });

  it('prepares names, clocks and firewalls, changes nothing the second time, and goes back', async () => {
    for (const host of ['node1', 'node2', 'balancer'])
      await on(host, 'f=/run/belay-gluu-ports.pid; [ ! -f $f ] || kill "$(cat $f)" || true; rm -f $f');
    await world.lab.mark('bare');
    expect(await asking(asked)).toEqual(['Firewall: nodes']);
    expect(await asking({ ...asked, firewall: 'leave' })).toEqual([]);
    const first = await world.through();
    expect(await on('node1', 'hostname; nft list tables; pgrep -c chronyd')).toBe(
      'node1.lab.test\ntable inet belay_gluu_node\n1',
    );
    expect(await on('balancer', 'nft list tables')).toContain('table inet belay_gluu_balancer');
    expect((await world.through()).changed).toEqual([]);
    await carryBack(world.belay, first.run);
    expect(await differences(world.lab, 'bare')).toEqual([]);
  }, 600_000);

  it('opens the ports of the older layout to those that need them alone, changes nothing the second time, and goes back', async () => {
    const older = { older_layout: true };
    // A machine of its own, so that somebody is not to reach the proxy of the balancer.
    const inventory = cachedOn(world.lab, ['node3']);
    await world.lab.mark('bare');
    const first = await world.through(older, inventory);
    const ways = `nft list ruleset | grep -E 'dport (7777|8888) ' | sed 's/^[[:space:]]*//'`;
    const address = (host: string): string => world.lab.host(host).address;
    for (const node of ['node1', 'node2'])
      expect((await on(node, ways)).split('\n')).toEqual([
        `ip saddr ${address('balancer')} tcp dport 7777 accept`,
        expect.stringMatching(/^tcp dport 7777 reject/),
      ]);
    expect((await on('balancer', ways)).split('\n')).toEqual([
      `ip saddr ${address('node1')} tcp dport 8888 accept`,
      `ip saddr ${address('node2')} tcp dport 8888 accept`,
      expect.stringMatching(/^tcp dport 8888 reject/),
    ]);
    const ended = await world.belay.states(first.run);
    const proven = [
      'peers_web.node2.port.p7777@node1',
      'cache_out.node1.port.p7777@node3',
      'cache_balancer.port.p8888@node3',
    ];
    expect(proven.map((one) => ended[one])).toEqual(['ok', 'ok', 'ok']);
    expect((await world.through(older, inventory)).changed).toEqual([]);
    await carryBack(world.belay, first.run);
    expect(await differences(world.lab, 'bare')).toEqual([]);
  }, 600_000);

  it.each([
    { it: 'the web server of a node, open to the others', host: 'node2', table: 'node', port: '443' },
    { it: 'a Redis of a node, open to the others', host: 'node2', table: 'node', port: '7777' },
    { it: 'a port of the balancer, open to nodes', host: 'balancer', table: 'balancer', port: '4444' },
  ])(
    'finds a way that was opened behind its rules: $it',
    async ({ host, table, port }) => {
      // After the rules have been read back, and before the ways are tried.
      await on(
        host,
        `setsid sh -c 'until nft list table inet belay_gluu_${table}; do sleep 0.1; done
       before=$(cat /run/belay-gluu-ports.pid); until [ "$(cat /run/belay-gluu-ports.pid)" != "$before" ]; do sleep 0.1; done
       nft insert rule inet belay_gluu_${table} input tcp dport ${port} accept' </dev/null >/dev/null 2>&1 &`,
      );
      const { run } = await carryOn(world.belay, runbook, { ...asked, older_layout: port === '7777' });
      expect(await failures(world.belay, run)).toEqual(
        host === 'balancer'
          ? ['balancer_kept.port.p4444@node1', 'balancer_kept.port.p4444@node2']
          : [`peers_web.node2.port.p${port}@node1`],
      );
      await on(host, `nft -f /etc/nftables.d/belay_gluu_${table}.nft`);
      await carryBack(world.belay, run);
    },
    600_000,
  );
});
