import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answeredFor } from './answered-for.js';
import { carryBack, carryOn } from './carry-through.js';
import { differences, failures, pair } from './gluu-world.js';
import { cachedOn as inventoryCachedOn } from './other-inventory.js';
import { runbookLab, type RunbookLab } from './runbook-lab.js';
import { standInNodes } from './stand-in-nodes.js';
import { withoutStep } from './without-step.js';

/** An application of the container whose starts are counted. */
const application = `
mkdir -p /opt/gluu/jetty/oxauth
printf '#!/bin/sh\\necho "$1" >>/root/starts\\n' >/etc/init.d/oxauth
chmod 755 /etc/init.d/oxauth`;

const description = pair({
  hosts: {
    node1: { preinstalled: ['nginx', 'curl', 'slapd', 'ldap-utils'] },
    node2: { preinstalled: ['nginx', 'curl'] },
    balancer: { fqdn: 'login.lab.test' },
    cache: {},
  },
  groups: { nodes: ['node1', 'node2'], balancer: ['balancer'], cache: ['cache'] },
  packages: ['redis-server', 'redis-tools', 'redis-sentinel', 'stunnel4', 'openssl', 'nutcracker'],
  directory: {
    host: 'node1',
    suffix: 'o=gluu',
    manager: 'cn=directory manager,o=gluu',
    schema: 'lab/descriptions/appliance.schema.ldif',
    tree: 'lab/descriptions/appliance.ldif',
  },
});
const asked = { public_name: 'login.lab.test', ldaps_port: 636, manager: 'cn=directory manager,o=gluu' };

/** Where the cache can be, what is asked for then, and what the directory says of it. */
const layouts = [
  { it: 'in one Redis on a host of its own', cache: ['cache'], inputs: {}, provider: 'STANDALONE', servers: [16379] },
  { it: 'in one Redis on a node', cache: ['node2'], inputs: {}, provider: 'STANDALONE', servers: [16379] },
  {
    it: 'in two that share it out',
    cache: ['cache', 'node1'],
    inputs: {},
    provider: 'SHARDED',
    servers: [16379, 16380],
  },
  {
    it: 'in a Redis on every node, behind twemproxy',
    cache: ['cache'],
    inputs: { layout: 'every-node', again: 3 },
    provider: 'STANDALONE',
    servers: [16379],
  },
  {
    it: 'in a Redis that sentinels choose of three',
    cache: ['cache', 'node1', 'node2'],
    inputs: { layout: 'sentinel' },
    provider: 'SENTINEL',
    servers: [26380, 26381, 26382],
  },
];

describe('gluu/cache, on real hosts', () => {
  let world: RunbookLab;
  const on = async (host: string, script: string): Promise<string> => world.on(host, script);

  beforeAll(async () => {
    world = await runbookLab({ name: 'gluu-cache-test', description }, 'runbooks/gluu/cache.yaml', asked);
    const { lab, belay } = world;
    await standInNodes(lab, ['node1', 'node2'], 'login.lab.test');
    for (const node of ['node1', 'node2']) await on(node, application);
    const { authorityFile, passwordFile } = lab.directory!;
    const key = readFileSync(join(dirname(authorityFile), 'authority.key'), 'utf8');
    await belay.keepSecret('gluu-cluster-ca', readFileSync(authorityFile, 'utf8') + key);
    await belay.keepSecret('gluu-directory-manager', readFileSync(passwordFile));
    await belay.keepSecret('gluu-redis', 'correct-horse-battery-staple-1234');
  }, 600_000);
  afterAll(async () => world?.end(), 120_000);

  const cachedOn = (cache: readonly string[]): string => inventoryCachedOn(world.lab, cache);
  const settings = async (): Promise<string> => on('node1', `slapcat -o ldif-wrap=no -a '(oxCacheConfiguration=*)'`);
  const starts = async (): Promise<string[]> =>
    Promise.all(['node1', 'node2'].map(async (node) => on(node, 'cat /root/starts 2>/dev/null | paste -sd,')));

  it('refuses a cache on the balancer, before anything changes', async () => {
    expect(await world.refused({}, cachedOn(['balancer']))).toEqual({ failed: ['place@node1'], changed: [] });
  });

  it('stops at the check that the tables of the manuals cite, where the step that it proves is left out, and goes back', async () => {
    const { folder, covers, cited } = withoutStep('cache-tunnel', 'conf');
    expect(covers).toContain('g316-208..g316-218');
    expect(cited).toEqual(['ping']);
    await world.lab.mark('bare');
    // Its other end has a tunnel of its own, so that a tunnel runs there in any case.
    const { run, state } = await carryOn(world.belay, join(folder, 'cache.yaml'), asked, cachedOn(['node1']));
    rmSync(folder, { recursive: true });
    expect([state, await failures(world.belay, run)]).toEqual(['waiting', ['tunnel.node1.ping@node1']]);
    await carryBack(world.belay, run);
    expect(answeredFor(await differences(world.lab, 'bare'))).toEqual([]);
  }, 300_000);

  it.each(layouts)(
    'keeps sessions $it, changes nothing anew, and goes back',
    async ({ cache, inputs, provider, servers }) => {
      const inventory = cachedOn(cache);
      await world.lab.mark('bare');
      const first = await world.through(inputs, inventory);
      const now = await settings();
      expect(now).toContain('"cacheProviderType":"REDIS"');
      expect(now).toContain(`"redisProviderType":"${provider}"`);
      expect(now).toContain(`"servers":"${servers.map((port) => `localhost:${port}`).join(',')}"`);
      expect(await starts()).toEqual(['restart', 'restart']);

      const again = await world.through({ ...inputs, prove_outage: false }, inventory);
      expect(again.changed.filter((one) => !/^set[._]\S+ on node1$/.test(one))).toEqual([]);
      expect(await starts()).toEqual(['restart', 'restart']);
      await carryBack(world.belay, again.run);
      await carryBack(world.belay, first.run);
      expect(await settings()).toContain('"cacheProviderType":"IN_MEMORY"');
      expect(await starts()).toEqual(['restart,restart', 'restart,restart']);
      for (const node of ['node1', 'node2']) await on(node, 'rm /root/starts');
      expect(answeredFor(await differences(world.lab, 'bare'))).toEqual([]);
    },
    900_000,
  );
});
