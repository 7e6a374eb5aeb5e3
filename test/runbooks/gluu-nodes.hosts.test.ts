// cspell:ignore faketimerc libfaketime
import { beforeAll, describe, expect, it } from 'vitest';
import { answeredFor } from './answered-for.js';
import { carryBack, carryOn, carryThrough, goOn, tryAgain } from './carry-through.js';
import { grownInventory, installation, setCluster } from './gluu-cluster-lab.js';
import { entriesHeld, root } from './gluu-servers.js';
import { changes, differences, failures, small } from './gluu-world.js';
import { otherInventory } from './other-inventory.js';

const name = 'nodes-add';
const { public_name } = small;
const runbook = (one: string): string => `runbooks/gluu/${one}.yaml`;
const adding = { ...installation, node: 'node3' };

describe('gluu/add-node and gluu/remove-node, on real servers', () => {
  const world = setCluster(name, 'clustered');
  const { on } = world;
  /** The inventory in which the spare host has become a node. */
  let grown: string;
  let added: string;
  /** Of the third node. */
  let address: string;
  /** How firewalls are kept; the lab's machine, where Belay's worker runs, is let in. */
  let walls: { readonly firewall: string; readonly workers: readonly string[] };

  beforeAll(async () => {
    grown = grownInventory(world.lab);
    ({ address } = world.lab.host('node3'));
    walls = { firewall: 'nftables', workers: [address.replace(/\d+$/, '254')] };
  });

  const known = async (): Promise<string> =>
    on(
      'balancer',
      `curl -sS --cacert /etc/nginx/ssl/httpd.crt --resolve ${public_name}:443:127.0.0.1 https://${public_name}/cluster-nodes`,
    );
  const listening = `ss -Hltn | awk '{ print $4 }' | sed 's/.*://' | grep -xE '443|1636|4444|8989|16379' | sort -un | paste -sd,`;
  /** Files that name the third node on another one. */
  const naming = `cd ${root}; grep -rlF node3.lab.test: etc/gluu opt/opendj/config/config.ldif opt/shibboleth-idp/conf || true`;
  /** Lines that a host and its container have of the third node, as gluu/prepare and gluu/add-node write them. */
  const lines = async (host: string): Promise<string[]> => {
    const written = [`${address}[[:space:]]node3[.]lab[.]test`, `(server|allow) ${address}( .*)?`].join('|');
    const said = await on(
      host,
      `grep -hsxE '${written}' /etc/hosts ${root}/etc/hosts /etc/chrony/chrony.conf | tr '\\t' ' ' || true`,
    );
    return said.split('\n').filter((one) => one !== '');
  };
  /** Rules of Belay's on a host that let the third node in. */
  const lettingIn = async (host: string): Promise<string> =>
    on(host, `nft list ruleset | grep -wF '${address}' | sed 's/^[[:space:]]*//' || true`);
  const rules = async (host: string): Promise<string> => on(host, 'nft list ruleset');
  const sources = async (host: string): Promise<string> => on(host, 'chronyc -c -n sources | cut -d, -f3 | sort');
  const refused = async (one: string, inputs: object, inventory?: string): Promise<string[]> => {
    const { hash, plan } = await world.belay.plan(runbook(one), { ...inputs }, inventory);
    const run = await world.belay.start(hash);
    await world.belay.until(run, ['failed'], 300);
    expect(await changes(world.belay, run, plan)).toEqual([]);
    return failures(world.belay, run);
  };

  it('refuses a host that has a Gluu server of another version, before anything changes', async () => {
    await on('node3', 'mkdir -p /opt/gluu-server-3.1.5/etc');
    expect(await refused('add-node', adding)).toEqual(['former.found@node3']);
    await on('node3', 'rm -r /opt/gluu-server-3.1.5');
  }, 300_000);

  it('refuses a host whose clock is off by five seconds, before anything changes', async () => {
    await on(
      'node3',
      `cd /tmp; apt-get -qq update; apt-get -q download libfaketime; dpkg-deb -x libfaketime_*.deb /tmp/faketime
      echo +5s >/etc/faketimerc; ls /tmp/faketime/usr/lib/*/faketime/libfaketime.so.1 >/etc/ld.so.preload`,
    );
    // Whoever asks for chrony is told, too, as by gluu/prepare.
    expect(await refused('add-node', { ...adding, clock: 'chrony' })).toEqual(['clock.off@node3']);
    await on('node3', 'rm -rf /etc/ld.so.preload /etc/faketimerc /tmp/faketime /tmp/libfaketime_*');
  }, 300_000);

  it('refuses to share less than the nodes do, before anything changes', async () => {
    expect(await refused('add-node', { ...adding, files: ['etc/certs/httpd.key'] })).toEqual(['listed@node1']);
  }, 300_000);

  it('makes a bare host a node, and loses no request of a client', async () => {
    await world.lab.mark('pair');
    ({ run: added } = await carryThrough(world.belay, runbook('add-node'), {
      ...adding,
      ...walls,
      clock: 'chrony',
      hosts_files: 'host-and-container',
    }));
    expect(await known()).toMatch(/^node1 \S+; node2 \S+; node3 \S+;$/);
    expect(await on('node3', listening)).toBe('443,1636,4444,8989,16379');
    expect(await on('node1', `grep '^servers' ${root}/etc/gluu/conf/ox-ldap.properties`)).toBe(
      'servers: node1.lab.test:1636,node2.lab.test:1636,node3.lab.test:1636',
    );
    expect(String(await world.belay.output(added, 'watched.answered', 'node1'))).toMatch(/^lost=0$/m);
    const seen = `sha256sum ${root}/etc/certs/oxauth-keys.jks`;
    expect(await on('node3', seen)).toBe(await on('node1', seen));
  }, 1_800_000);

  it('makes another node the primary, once, and goes back', async () => {
    const primary = { public_name, node: 'node2' };
    expect(await refused('make-primary', { public_name, node: 'node1' }, grown)).toEqual(['fit@node1']);
    const { run, changed } = await carryThrough(world.belay, runbook('make-primary'), primary, grown);
    expect(changed).toEqual(expect.arrayContaining(['sign_in.servers on node2', 'refresh.owner on node2']));
    expect((await carryThrough(world.belay, runbook('make-primary'), primary, grown)).changed).toEqual([]);
    await carryBack(world.belay, run);
  }, 900_000);

  it('refuses to take out the first node, or one of a cluster with a missing server', async () => {
    expect(await refused('remove-node', { public_name, node: 'node1' }, grown)).toEqual(['known@node1']);
    await on('node2', `chroot ${root} /etc/init.d/opendj stop`);
    const said = await refused('remove-node', { public_name, node: 'node3' }, grown);
    await on('node2', `chroot ${root} /etc/init.d/opendj start </dev/null >/dev/null 2>&1`);
    expect(said).toContain('look.holds@node2');
  }, 600_000);

  it('takes the node out of a cluster that serves on, with all its files, leaves nothing of it, and takes it in again when undone', async () => {
    await on(
      'node1',
      `mkdir -p ${root}/opt/gluu/jetty/oxauth/custom/pages; cd ${root}/opt/gluu/jetty/oxauth/custom; for one in 1 2 3; do date >pages/$one; done`,
    );
    const files = await carryThrough(world.belay, runbook('file-sync'), {}, grown);
    const carried = `cd ${root}; find etc/gluu/conf opt/gluu/jetty/oxauth/custom -type f ! -name '.*' | LC_ALL=C sort | xargs sha256sum`;
    const own = /ox-ldap|salt|oxTrustLogRotation/;
    const shared = async (node: string): Promise<string[]> =>
      (await on(node, carried)).split('\n').filter((one) => !own.test(one));
    const before = await shared('node1');
    expect(before.filter((one) => one.includes('/pages/'))).toHaveLength(3);
    // gluu/add-node writes no hosts file but those of nodes; gluu/prepare has written this one.
    await on('balancer', `printf '${address}\\tnode3.lab.test\\n' >>/etc/hosts`);
    const staying = ['node1', 'node2', 'balancer'];
    const lined = await Promise.all(staying.map(lines));
    expect(lined.map(({ length }) => length)).toEqual([4, 4, 1]);
    expect(await sources('node1')).toContain(address);
    expect((await lettingIn('node1')).split('\n')).toHaveLength(4);
    expect(await lettingIn('balancer')).toBe(`ip saddr ${address} tcp dport 16379 accept`);
    const walled = await Promise.all(staying.map(rules));

    const away = { public_name, node: 'node3', afterwards: 'gone', ...walls };
    const file = '/etc/nftables.d/belay_gluu_node.nft';
    const letIn = (port: string): string =>
      `nft insert rule inet belay_gluu_node input ip saddr ${address} tcp dport ${port} accept`;
    // Behind the rules that were read back: one that lets the node in, and one that names it and lets it in nowhere.
    await on(
      'node1',
      `rm -f /run/belay-gluu-ports.pid; setsid sh -c 'until [ -s /run/belay-gluu-ports.pid ]; do sleep 0.05; done
      ${letIn('4444')}' </dev/null >/dev/null 2>&1 &`,
    );
    const { run } = await carryOn(world.belay, runbook('remove-node'), away, grown);
    expect(await failures(world.belay, run)).toEqual(['kept_out.node1.port.p4444@node3']);
    await on('node1', `nft -f ${file}; ${letIn('9')}`);
    await tryAgain(world.belay, run);
    await goOn(world.belay, run);
    expect(await failures(world.belay, run)).toEqual(['rules_without.named@node1']);
    await on('node1', `nft -f ${file}`);
    await tryAgain(world.belay, run);
    expect(await goOn(world.belay, run)).toBe('succeeded');
    expect(await Promise.all(staying.map(lines))).toEqual([[], [], []]);
    for (const node of ['node1', 'node2']) expect(await sources(node)).not.toContain(address);
    expect(await Promise.all(staying.map(lettingIn))).toEqual(['', '', '']);
    expect(await known()).toMatch(/^node1 \S+; node2 \S+;$/);
    expect(await on('node3', `${listening}; ls /etc/stunnel/*.conf /etc/csync2.cfg ${root} 2>/dev/null || true`)).toBe(
      '',
    );
    for (const node of ['node1', 'node2']) expect(await on(node, naming)).toBe('');
    expect(await on('node1', 'grep -F node3 /etc/csync2.cfg || true')).toBe('');
    expect(String(await world.belay.output(run, 'watched.answered', 'node1'))).toMatch(/^lost=0$/m);
    // The others go on keeping their files equal, and have lost none.
    await on('node2', `echo of-node2 >${root}/etc/gluu/conf/later; gluu-file-sync wait`);
    expect(
      await on('node1', `gluu-file-sync wait; cat ${root}/etc/gluu/conf/later; rm ${root}/etc/gluu/conf/later`),
    ).toBe('of-node2');
    await on('node1', `echo newer >${root}/etc/gluu/conf/meanwhile; gluu-file-sync wait`);
    for (const node of ['node1', 'node2'])
      expect((await shared(node)).filter((one) => !one.endsWith('meanwhile'))).toEqual(before);

    await carryBack(world.belay, run);
    expect(await known()).toMatch(/node3/);
    expect(await Promise.all(staying.map(lines))).toEqual(lined);
    expect(await sources('node1')).toContain(address);
    expect(await Promise.all(staying.map(rules))).toEqual(walled);
    await on('balancer', `sed '$d' /etc/hosts >/run/hosts; cat /run/hosts >/etc/hosts; rm /run/hosts`);
    expect(await on('node3', listening)).toBe('443,1636,4444,8989,16379');
    const ask = `curl -sS -o /dev/null -w '%{http_code}' --cacert ${root}/etc/certs/httpd.crt --resolve ${public_name}:443:${world.lab.host('node3').address}`;
    expect(await on('node3', `${ask} https://${public_name}/.well-known/openid-configuration`)).toBe('200');
    await on('node3', 'gluu-file-sync wait');
    await on('node1', 'gluu-file-sync wait');
    expect(await on('node3', `cat ${root}/etc/gluu/conf/meanwhile`)).toBe('newer');
    expect((await shared('node3')).filter((one) => !one.endsWith('meanwhile'))).toEqual(before);
    await on('node1', `rm ${root}/etc/gluu/conf/meanwhile; gluu-file-sync wait`);
    await carryThrough(world.belay, runbook('directory-status'), {}, grown);
    await carryBack(world.belay, files.run);
    await on('node1', `rm -r ${root}/opt/gluu/jetty/oxauth/custom/pages`);
  }, 1_800_000);

  it('gives the bare host back', async () => {
    await carryBack(world.belay, added);
    expect(await known()).toMatch(/^node1 \S+; node2 \S+;$/);
    for (const node of ['node1', 'node2']) expect(await on(node, naming)).toBe('');
    const left = answeredFor(await differences(world.lab, 'pair'));
    expect(left.filter((one) => one.startsWith('node3 '))).toEqual([]);
  }, 1_200_000);
});

describe('gluu/make-primary, where the first node is lost for good', () => {
  const world = setCluster('nodes-lost', 'clustered');
  const { on } = world;
  const stays = ['node2', 'node3'];
  const primary = { public_name, node: 'node2', lost: true };
  /** The inventory of three nodes, and the one without the lost node. */
  let grown: string;
  let left: string;

  beforeAll(async () => {
    grown = grownInventory(world.lab);
    left = otherInventory(world.lab, 'left', (one) => ({ ...one, groups: { ...one.groups, nodes: stays } }));
    await carryThrough(world.belay, runbook('add-node'), adding);
    await world.lab.powerCut('node1');
  }, 900_000);

  const through = async (one: string, inputs: object, inventory: string): Promise<string> =>
    (await carryThrough(world.belay, runbook(one), { ...inputs }, inventory)).run;
  /** Files of a node that name the lost one as a server of directories. */
  const naming = `cd ${root}; grep -rlF node1.lab.test: etc/gluu opt/opendj/config/config.ldif opt/shibboleth-idp/conf || true`;
  /** Which servers sign-in asks, by that node's copy of the settings. */
  const signIn = async (node: string): Promise<string[]> => {
    const held = await entriesHeld(world.lab, node, world.secret('gluu-directory-manager'), `${node}.lab.test`);
    const [settings = ''] = held.filter((one) => one.includes('oxIDPAuthentication: '));
    return /"servers":\[([^\]]*)\]/.exec(settings.replaceAll('\\', ''))?.[1]?.match(/node\d/g) ?? [];
  };

  it('makes another one the primary, which goes back and is done again, without asking the lost one', async () => {
    const { run, changed } = await carryThrough(world.belay, runbook('make-primary'), primary, grown);
    expect(changed).toEqual(expect.arrayContaining(['sign_in.servers on node2', 'refresh.owner on node2']));
    for (const node of stays) expect(await signIn(node)).toEqual(['node2', 'node1', 'node3']);
    await carryBack(world.belay, run);
    for (const node of stays) expect(await signIn(node)).toEqual(['node1', 'node2', 'node3']);
    await through('make-primary', primary, grown);
  }, 600_000);

  it('has those that are left forget it, and finds them a whole cluster without it', async () => {
    const { hash, plan } = await world.belay.plan(runbook('directory-enable'), {}, left);
    const early = await world.belay.start(hash);
    await world.belay.until(early, ['failed'], 120);
    expect((await failures(world.belay, early)).sort()).toEqual(stays.map((node) => `look.peers@${node}`));
    expect(await changes(world.belay, early, plan)).toEqual([]);

    await through('directory-disable', {}, left);
    await through('directory-enable', {}, left);
    for (const node of stays) {
      expect(await on(node, naming)).toBe('');
      expect(await signIn(node)).toEqual(stays);
    }
    await through('balancer', { public_name, prove_outage: false }, left);
    await world.belay.keepSecret('gluu-balancer-token', 'of-no-balancer');
    await through('restart', { public_name }, left);
    await through('verify', { ...small, disk: '100MiB' }, left);
  }, 1_200_000);
});
