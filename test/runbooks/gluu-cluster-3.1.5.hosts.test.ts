import { beforeAll, describe, expect, it } from 'vitest';
import { clientOn, container, settingsOf } from '../lab/gluu-client.js';
import { answeredFor } from './answered-for.js';
import { carryBack, carryThrough } from './carry-through.js';
import { lasting, setCluster } from './gluu-cluster-lab.js';
import { entriesHeld } from './gluu-servers.js';
import { differences, small, smallPrograms } from './gluu-world.js';
import { cachedOn } from './other-inventory.js';

const version = '3.1.5';
const root = container(version);
const runbook = 'runbooks/gluu/cluster.yaml';
const nodes = ['node1', 'node2'];
const { public_name, memory, disk } = small;
const organisation = '@!1111.2222.3333.4444!0001!AAAA.BBBB';
const appliance = '@!1111.2222.3333.4444!0002!CCCC.DDDD';
/** As the manual of 3.1.5 has it, with all that may be installed besides, and with numbers and a package of one's own choice. */
const asked = {
  ...smallPrograms,
  memory,
  disk,
  gluu_version: version,
  package_version: `${version}-1`,
  components: ['saml', 'passport'],
  inum_organisation: organisation,
  inum_appliance: appliance,
  hosts_files: 'host-and-container',
  set_host_name: true,
  sticky: false,
};
/** What nginx gives to a client's own node where `sticky` says so. */
const kept = ['/identity/restv1/scim-configuration', '/idp/shibboleth', '/passport'];
const installed = `dpkg-query -W -f '\${Package} \${Version}\\n' 'gluu-server-*'; ls -d /opt/gluu-server-*`;
/** Which lines somebody has written into a host's settings of chrony, those that stand there twice alone. */
const twice = `grep -E '^(server|allow) ' /etc/chrony/chrony.conf | sort | uniq -d`;

describe('gluu/cluster of Gluu 3.1.5, on real hosts', () => {
  const world = setCluster('gluu-cluster-315', 'bare');
  const { on } = world;
  const made = {} as { run: string };
  /** The inventory in which the first node is the cache host, as in the manual of 3.1.5. */
  let inventory: string;
  let formerNames: string[];

  beforeAll(async () => {
    inventory = cachedOn(world.lab, ['node1']);
    formerNames = await names();
  });

  const onNodes = async (script: string): Promise<string[]> => Promise.all(nodes.map(async (node) => on(node, script)));
  const names = async (): Promise<string[]> => onNodes('hostname');
  const settings = async (): Promise<Readonly<Record<string, string>>[]> =>
    Promise.all(nodes.map(async (node) => settingsOf(world.lab, node, version)));
  const pages = async (path: string): Promise<string[]> =>
    Promise.all(
      nodes.map(async (node) => {
        const { status, body } = await clientOn(world.lab, node, version).get(`https://${public_name}${path}`);
        return `${String(status)} ${body.trim()}`;
      }),
    );
  /** How many of eight requests, which a client sends over one connection, each node gets. */
  const given = async (path: string): Promise<number[]> => {
    const word = `given-${String(Date.now())}-`;
    const curl = `curl -sS --fail --max-time 20 --cacert /etc/nginx/ssl/httpd.crt --resolve ${public_name}:443:127.0.0.1`;
    await on('balancer', `${curl} -o /dev/null 'https://${public_name}${path}?${word}[1-8]'`);
    const counted = await onNodes(`sleep 1; cat ${root}/var/log/apache2/*access*log | grep -cF ${word} || true`);
    return counted.map(Number);
  };
  const balanced = async (sticky: boolean): Promise<string> => {
    const inputs = { public_name, gluu_version: version, sticky, prove_outage: false };
    return (await carryThrough(world.belay, 'runbooks/gluu/balancer.yaml', inputs, inventory)).run;
  };

  it('is made of bare hosts, with a cache on a node, Shibboleth and Passport', async () => {
    made.run = (await carryThrough(world.belay, runbook, asked, inventory)).run;
    const states = await world.belay.states(made.run);
    expect(states['verify_login.node1.signed_in@node2']).toBe('ok');
    expect(states['verify_files.equal@node2']).toBe('ok');
  }, 2_400_000);

  it('says what it means that no client stays on its node', async () => {
    const told = (await world.belay.tasks(made.run)).filter(({ step }) => step.startsWith('scim'));
    expect(JSON.stringify(told)).toContain('SCIM clients are spread');
  });

  it('is verified by gluu/verify as well', async () => {
    const wanted = { ...small, disk: '100MiB', gluu_version: version, file_sync: true };
    await carryThrough(world.belay, 'runbooks/gluu/verify.yaml', wanted, inventory);
  }, 600_000);

  it('has that package alone, and the numbers that were given, on every node and in the directory', async () => {
    expect(await onNodes(installed)).toEqual(nodes.map(() => `gluu-server-${version} ${version}-1\n${root}`));
    for (const one of await settings()) {
      const { inumOrg, inumAppliance, installSaml, installPassport, hostname } = one;
      expect([inumOrg, inumAppliance, hostname]).toEqual([organisation, appliance, public_name]);
      expect([installSaml, installPassport]).toEqual(['True', 'True']);
    }
    expect(await names()).toEqual(nodes.map((node) => `${node}.lab.test`));
    const password = world.secret('gluu-directory-manager');
    const [first, second] = await Promise.all(
      nodes.map(async (node) => entriesHeld(world.lab, node, password, `${node}.lab.test`, root)),
    );
    const found = first?.map((entry) => /^dn: (.*)$/m.exec(entry)?.[1]);
    expect(found).toEqual(
      expect.arrayContaining([`inum=${appliance},ou=appliances,o=gluu`, `ou=people,o=${organisation},o=gluu`]),
    );
    expect(second).toEqual(first);
  });

  it('answers as Shibboleth and as Passport on both nodes, with what the first one was set up with', async () => {
    const [metadata = '', ...others] = await pages('/idp/shibboleth');
    const certificate = await on('node1', `grep -v CERTIFICATE ${root}/etc/certs/idp-signing.crt | tr -d '\\n'`);
    expect(metadata).toMatch(/^200 /);
    expect(metadata).toContain(certificate);
    expect(others).toEqual([metadata]);
    const [passport] = new Set(await pages('/passport'));
    expect(await pages('/passport')).toEqual([passport, passport]);
    expect(passport).toMatch(new RegExp(`^200 .*"https://${public_name}`));
  });

  it.each(kept)('gives requests of %s to both nodes in turn', async (path) => {
    expect(await given(path)).toEqual([4, 4]);
  });

  it('gives a client one node alone by gluu/balancer with sticky, and goes back', async () => {
    const run = await balanced(true);
    for (const path of kept) expect((await given(path)).sort((one, other) => one - other)).toEqual([0, 8]);
    expect(await given('/.well-known/openid-configuration')).toEqual([4, 4]);
    await carryBack(world.belay, run);
    for (const path of kept) expect(await given(path)).toEqual([4, 4]);
  }, 600_000);

  it('keeps sessions in the Redis of the first node, and has none on the other', async () => {
    const redis = `REDISCLI_AUTH='${world.secret('gluu-redis')}' redis-cli`;
    const sessions = `--scan --pattern 'session_*' | wc -l`;
    expect(Number(await on('node1', `${redis} -p 6379 ${sessions}`))).toBeGreaterThan(0);
    expect(await on('node2', `${redis} -p 16379 ${sessions}`)).toBe(await on('node1', `${redis} -p 6379 ${sessions}`));
    expect(await onNodes('command -v redis-server || echo none')).toEqual(['/usr/bin/redis-server', 'none']);
  });

  it('has chrony know every machine once', async () => {
    expect(await onNodes(twice)).toEqual(['', '']);
  });

  it('is found as it is by a further run', async () => {
    expect(lasting((await carryThrough(world.belay, runbook, asked, inventory)).changed)).toEqual([]);
  }, 1_200_000);

  it('goes back to bare hosts', async () => {
    await carryBack(world.belay, made.run);
    expect(await names()).toEqual(formerNames);
    expect(answeredFor(await differences(world.lab, 'bare'))).toEqual([]);
  }, 1_500_000);
});
