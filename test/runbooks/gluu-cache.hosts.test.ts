import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { answeredFor, carryBack, carryThrough, type Carried } from './carry-through.js';
import { changes, differences, failures, pair } from './gluu-world.js';
import { standInNodes } from './stand-in-nodes.js';

const name = 'gluu-cache-test';
const runbook = 'runbooks/gluu/cache.yaml';
const asked = { public_name: 'login.lab.test', ldaps_port: 636, manager: 'cn=directory manager,o=gluu' };

/** An application of the container whose starts are counted. */
const application = `
mkdir -p /opt/gluu/jetty/oxauth
printf '#!/bin/sh\\necho "$1" >>/root/starts\\n' >/etc/init.d/oxauth
chmod 755 /etc/init.d/oxauth`;

describe('gluu/cache, on real hosts', () => {
  let lab: Lab;
  let belay: Belay;

  beforeAll(async () => {
    lab = await labUp({
      name,
      description: pair({
        hosts: {
          node1: { preinstalled: ['nginx', 'curl', 'slapd', 'ldap-utils'] },
          node2: { preinstalled: ['nginx', 'curl'] },
          balancer: { fqdn: 'login.lab.test' },
          cache: {},
        },
        groups: { nodes: ['node1', 'node2'], balancer: ['balancer'], cache: ['cache'] },
        packages: ['redis-server', 'redis-tools', 'stunnel4', 'openssl'],
        directory: {
          host: 'node1',
          suffix: 'o=gluu',
          manager: 'cn=directory manager,o=gluu',
          schema: 'lab/descriptions/appliance.schema.ldif',
          tree: 'lab/descriptions/appliance.ldif',
        },
      }),
    });
    await standInNodes(lab, ['node1', 'node2'], 'login.lab.test');
    for (const node of ['node1', 'node2']) await on(node, application);
    belay = await startBelay(lab);
    const { authorityFile, passwordFile } = lab.directory!;
    const key = readFileSync(join(dirname(authorityFile), 'authority.key'), 'utf8');
    await belay.keepSecret('gluu-cluster-ca', readFileSync(authorityFile, 'utf8') + key);
    await belay.keepSecret('gluu-directory-manager', readFileSync(passwordFile));
    await belay.keepSecret('gluu-redis', 'correct-horse-battery-staple-1234');
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown(name);
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> => {
    const { stdout, stderr, code } = await lab.exec(host, ['sh', '-euc', script]);
    if (code !== 0) throw new Error(`${host}: ${stderr}`);
    return stdout.trim();
  };
  const settings = async (): Promise<string> =>
    on('node1', `slapcat -o ldif-wrap=no -a '(oxCacheConfiguration=*)' | grep -o '"cacheProviderType":"[A-Z_]*"'`);
  const starts = async (node: string): Promise<string> => on(node, 'cat /root/starts 2>/dev/null | paste -sd,');
  const through = async (inventory?: string): Promise<Carried> => carryThrough(belay, runbook, asked, inventory);
  it('refuses a cache on the balancer, before anything changes', async () => {
    const inventory = parse(readFileSync(lab.inventoryFile, 'utf8')) as { groups: Record<string, unknown> };
    const there = join(dirname(lab.inventoryFile), 'on-balancer.yaml');
    writeFileSync(there, stringify({ ...inventory, groups: { ...inventory.groups, cache: ['balancer'] } }));
    const { hash, plan } = await belay.plan(runbook, asked, there);
    const run = await belay.start(hash);
    await belay.until(run, ['failed'], 120);
    expect(await failures(belay, run)).toEqual(['place@node1']);
    expect(await changes(belay, run, plan)).toEqual([]);
  });

  it.each([['on a host of its own', () => undefined]])(
    'keeps sessions in one Redis %s, changes nothing anew, and goes back',
    async (_place, inventory) => {
      await lab.mark('bare');
      const first = await through(inventory());
      expect(await settings()).toBe('"cacheProviderType":"REDIS"');
      expect([await starts('node1'), await starts('node2')]).toEqual(['restart', 'restart']);
      const again = await through(inventory());
      expect(again.changed).toEqual(['set on node1']);
      expect(await starts('node1')).toBe('restart');
      await carryBack(belay, again.run);
      await carryBack(belay, first.run);
      expect(await settings()).toBe('"cacheProviderType":"IN_MEMORY"');
      expect([await starts('node1'), await starts('node2')]).toEqual(['restart,restart', 'restart,restart']);
      for (const node of ['node1', 'node2']) await on(node, 'rm /root/starts');
      expect(answeredFor(await differences(lab, 'bare'))).toEqual([]);
    },
    900_000,
  );
});
