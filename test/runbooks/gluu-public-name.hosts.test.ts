import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown } from '../../lab/lab.js';
import { answeredForRunning } from './answered-for.js';
import { carryBack, carryThrough } from './carry-through.js';
import { gluuPair, type ClusterLab } from './gluu-cluster-lab.js';
import { entriesHeld, installGluu, root } from './gluu-servers.js';
import { changes, differences, failures, small } from './gluu-world.js';
import { otherInventory, renamedInventory } from './other-inventory.js';

const name = 'gluu-name-test';
const other = 'sign-in.lab.test';

describe('another public name, on real Gluu servers', () => {
  let world: ClusterLab;

  beforeAll(async () => {
    world = await gluuPair(name, 'clustered');
    const stores = world.secret('gluu-keystore');
    await installGluu(
      world.lab,
      ['node3'],
      `hostname=node3.lab.test ldapPass=${world.secret('gluu-directory-manager')} opendj_p12_pass=${stores} shibJksPass=${stores} encode_salt=${world.secret('gluu-salt')} oxauthClient_pw=${world.secret('gluu-oxauth-client')} installSaml=True`,
    );
    await on('node3', 'DEBIAN_FRONTEND=noninteractive apt-get install -y -qq curl >&2');
  }, 1_500_000);
  afterAll(async () => {
    await world?.belay.stop();
    await labDown(name);
  }, 120_000);

  const entries = async (node: string, at: string): Promise<string[]> =>
    entriesHeld(world.lab, node, world.secret('gluu-directory-manager'), at);
  const on = async (host: string, script: string): Promise<string> => {
    const { stdout, stderr, code } = await world.lab.exec(host, ['sh', '-euc', script]);
    if (code !== 0) throw new Error(`${host}: ${stderr}`);
    return stdout.trim();
  };
  const alone = (): string =>
    otherInventory(world.lab, 'alone', (one) => ({ ...one, groups: { ...one.groups, nodes: ['node3'] } }));
  const renamed = (): string => renamedInventory(world.lab, other);
  const issuer = async (host: string, named: string): Promise<string> =>
    on(
      host,
      `curl -sS --fail --cacert ${root}/etc/certs/httpd.crt --resolve ${named}:443:127.0.0.1 https://${named}/.well-known/openid-configuration |
        tr -d ' \\n' | sed 's/.*"issuer":"\\([^"]*\\)".*/\\1/'`,
    );
  const verified = async (public_name: string, file?: string): Promise<string[]> => {
    const { belay } = world;
    const asked = { ...small, disk: '100MiB', public_name };
    const run = await belay.start((await belay.plan('runbooks/gluu/verify.yaml', asked, file)).hash);
    await belay.until(run, ['failed', 'succeeded'], 1200);
    return failures(belay, run);
  };

  it('is refused for a server that bears another one, before anything changes', async () => {
    const { belay } = world;
    const asked = { public_name: small.public_name, former_name: 'node9.lab.test' };
    const { hash, plan } = await belay.plan('runbooks/gluu/convert-standalone.yaml', asked, alone());
    const run = await belay.start(hash);
    await belay.until(run, ['failed'], 600);
    expect(await failures(belay, run)).toEqual(['due.bears@node3']);
    expect(await changes(belay, run, plan)).toEqual([]);
  }, 600_000);

  it('is refused where other nodes would be set up with other secrets than the server has, before anything changes', async () => {
    const { belay } = world;
    const secrets = ['gluu-salt', 'gluu-oxauth-client'];
    const asked = { public_name: small.public_name, former_name: 'node3.lab.test' };
    for (const one of secrets) await belay.keepSecret(one, 'another-of-24-characters');
    try {
      const { hash, plan } = await belay.plan('runbooks/gluu/convert-standalone.yaml', asked, alone());
      const run = await belay.start(hash);
      await belay.until(run, ['failed'], 600);
      expect(await failures(belay, run)).toEqual(['secrets.same@node3']);
      const [{ failure } = {}] = (await belay.tasks(run)).filter((task) => task.failure !== undefined);
      for (const one of secrets) expect(failure?.known).toContain(`${one}: expected `);
      expect(failure?.hints?.join(' ')).toContain('belay secret set');
      expect(JSON.stringify(failure)).not.toContain(world.secret('gluu-salt'));
      expect(await changes(belay, run, plan)).toEqual([]);
    } finally {
      for (const one of secrets) await belay.keepSecret(one, world.secret(one));
    }
  }, 600_000);

  it('makes a server that stands alone ready for a cluster, changes nothing anew, and goes back', async () => {
    const convert = 'runbooks/gluu/convert-standalone.yaml';
    const asked = { public_name: small.public_name, former_name: 'node3.lab.test' };
    const held = await entries('node3', 'localhost');
    expect(held.length).toBeGreaterThan(10);
    await world.lab.mark('alone');
    const first = await carryThrough(world.belay, convert, asked, alone());
    expect(await issuer('node3', small.public_name)).toBe(`https://${small.public_name}`);
    expect(
      await on(
        'node3',
        `grep -rlF node3.lab.test ${root}/etc/apache2/sites-available ${root}/opt/shibboleth-idp || true`,
      ),
    ).toBe('');
    expect((await carryThrough(world.belay, convert, asked, alone())).changed).toEqual([]);
    await carryBack(world.belay, first.run);
    expect(await issuer('node3', 'node3.lab.test')).toBe('https://node3.lab.test');
    expect(await entries('node3', 'localhost')).toEqual(held);
    expect(answeredForRunning(await differences(world.lab, 'alone'))).toEqual([]);
  }, 1_500_000);

  it('is given to a whole cluster, which is as it must be under it, and taken back', async () => {
    for (const host of ['node1', 'node2', 'balancer'])
      await on(host, `echo '${world.lab.host('balancer').address} ${other}' >>/etc/hosts`);
    const asked = { public_name: other, former_name: small.public_name };
    const held = await entries('node2', 'node2.lab.test');
    await world.lab.mark('former');
    const first = await carryThrough(world.belay, 'runbooks/gluu/change-public-name.yaml', asked, renamed());
    expect(await verified(other, renamed())).toEqual([]);
    const again = await carryThrough(world.belay, 'runbooks/gluu/change-public-name.yaml', asked, renamed());
    expect(again.changed).toEqual([]);
    await carryBack(world.belay, first.run);
    for (const node of ['node1', 'node2']) expect(await entries(node, `${node}.lab.test`)).toEqual(held);
    expect(await verified(small.public_name)).toEqual([]);
    expect(answeredForRunning(await differences(world.lab, 'former'))).toEqual([]);
  }, 2_400_000);
});
