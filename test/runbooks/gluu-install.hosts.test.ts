import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { clientOn, container, publicName, settingsOf } from '../lab/gluu-client.js';
import { carryBack, carryOn, carryThrough, goOn } from './carry-through.js';
import { entriesHeld } from './gluu-servers.js';
import { changes, differences, failures, small, smallPrograms } from './gluu-world.js';
import { otherThanLiving } from './living.js';

const name = 'gluu-install';
const install = 'runbooks/gluu/install.yaml';
const certificates = 'runbooks/gluu/certificates.yaml';
const asked = {
  ...small,
  ...smallPrograms,
  accept_licence: true,
  organisation: 'Example: a test',
  country: 'CH',
  state: 'Bern',
  city: 'Bern',
  admin_email: 'admin@lab.test',
};
const secrets = ['directory-manager', 'oxtrust-admin', 'keystore', 'oxauth-client', 'pairwise-key', 'pairwise-salt'];
const nodes = ['node1', 'node2'];
const root = '/opt/gluu-server-3.1.6';
/** By which key apt trusts the vendor's repository, and that it knows it. */
const trusted = 'ls /usr/share/keyrings/gluu.asc /etc/apt/sources.list.d/gluu.list 2>/dev/null || true';
const numbers = {
  inum_organisation: '@!1111.2222.3333.4444!0001!AAAA.BBBB',
  inum_appliance: '@!1111.2222.3333.4444!0002!CCCC.DDDD',
};
const certs = `cd ${root} && sha256sum etc/certs/* opt/jre/lib/security/cacerts; stat -c '%n %a %u %g' etc/certs/*`;

/** Set-ups of two nodes, one after the other, on a machine that does other things, too. */
const long = 1_500_000;

describe('gluu/install and gluu/certificates, on real hosts', () => {
  let lab: Lab;
  let belay: Belay;

  beforeAll(async () => {
    lab = await labUp({ name, description: 'lab/descriptions/gluu-pair.yaml' });
    belay = await startBelay(lab);
    for (const one of secrets) await belay.keepSecret(`gluu-${one}`, `Ab3-of-the-${one}`);
    await belay.keepSecret('gluu-salt', 'salt-of-24-characters-xy');
    await lab.mark('bare');
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown(name);
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> =>
    (await lab.exec(host, ['sh', '-c', script])).stdout;
  /** Runs a runbook to its end, with the approval that it asks for. */
  const through = async (runbook: string, inputs: Readonly<Record<string, unknown>>, phase: number) => {
    const { hash, plan } = await belay.plan(runbook, inputs);
    const run = await belay.start(hash);
    await belay.until(run, ['waiting'], 120);
    await belay.approve(run, phase);
    await belay.until(run, ['succeeded'], 1200);
    return { run, changed: await changes(belay, run, plan) };
  };
  const back = async (run: string): Promise<void> => {
    await belay.say(run, 'undo');
    await belay.until(run, ['undone', 'undo_incomplete'], 1200);
  };

  it.each([
    { it: 'a Gluu server of another version', begin: 'mkdir -p /opt/gluu-server-3.1.5', found: 'former.found@node2' },
    {
      it: 'a Gluu server of another name',
      begin: `setup=${root}/install/community-edition-setup; mkdir -p $setup; echo hostname=old.lab.test >$setup/setup.properties.last`,
      found: 'former.found@node2',
    },
    { it: 'a set-up that did not end', begin: `mkdir -p ${root}/opt/opendj/config`, found: 'former.found@node2' },
    {
      it: 'to replace a server whose files csync2 keeps equal with others',
      begin: `mkdir -p /opt/gluu-server-3.1.5; echo '  include /opt/gluu-server-3.1.5/etc/gluu/conf;' >/etc/csync2.cfg`,
      inputs: { replace_existing: true },
      found: 'former.unshared@node2',
    },
    { it: 'a licence that was not accepted', begin: 'true', inputs: { accept_licence: false }, found: 'licence@node2' },
    { it: 'too small a disk', begin: 'true', inputs: { disk: '900TiB' }, found: 'node.disk@node2' },
  ])('refuses $it before anything changes', async ({ begin, inputs, found }) => {
    await on('node2', begin);
    const { hash, plan } = await belay.plan(install, { ...asked, ...inputs });
    const run = await belay.start(hash);
    await belay.until(run, ['failed'], 120);
    expect(await failures(belay, run)).toContain(found);
    expect(await changes(belay, run, plan)).toEqual([]);
    await on('node2', 'rm -rf /opt/gluu-server-* /etc/csync2.cfg');
    expect(await differences(lab, 'bare')).toEqual([]);
  });

  it('trusts no key of a repository but the one whose fingerprint was given', async () => {
    const wrong = { ...asked, repository_fingerprint: '0'.repeat(40) };
    const { run, changed } = await carryOn(belay, install, wrong);
    expect((await failures(belay, run)).sort()).toEqual(nodes.map((node) => `repository.key@${node}`));
    const said = (await belay.tasks(run)).flatMap(({ failure }) => failure?.hints ?? []);
    expect(said.join(' ')).toContain('Somebody has changed the key');
    expect(changed.filter((one) => !one.startsWith('repository.tools on '))).toEqual([]);
    for (const node of nodes) expect(await on(node, trusted)).toBe('');
    await carryBack(belay, run);
    expect(await differences(lab, 'bare')).toEqual([]);
  }, 300_000);

  it(
    'installs, shares certificates, changes nothing the second time, and goes back',
    async () => {
      const installed = await through(install, asked, 2);
      expect(await on('node2', `cat ${root}/install/community-edition-setup/*.properties*`)).not.toMatch(
        /Ab3-of|salt-of/,
      );
      expect((await on('node2', trusted)).trim().split('\n')).toHaveLength(2);
      expect((await through(install, asked, 2)).changed).toEqual([]);

      const before = await on('node2', certs);
      const shared = await through(certificates, { public_name: small.public_name }, 3);
      const httpd = `sha256sum ${root}/etc/certs/httpd.key ${root}/etc/certs/oxauth-keys.jks`;
      expect(await on('node2', httpd)).toBe(await on('node1', httpd));
      expect((await through(certificates, { public_name: small.public_name }, 3)).changed).toEqual([]);
      await back(shared.run);
      expect(await on('node2', certs)).toBe(before);

      await back(installed.run);
      expect(await differences(lab, 'bare')).toEqual([]);
    },
    long,
  );

  it(
    'saves and removes a server of another version when somebody says yes to it, and brings it back whole',
    async () => {
      const servers = async (): Promise<string[]> =>
        Promise.all(nodes.map(async (node) => (await on(node, 'ls -d /opt/gluu-server-*')).trim()));
      const held = async (version: string): Promise<string[]> =>
        entriesHeld(lab, 'node1', 'Ab3-of-the-directory-manager', 'localhost', container(version));
      const discovered = async (version: string): Promise<number> =>
        (await clientOn(lab, 'node1', version).get(`https://${publicName}/.well-known/openid-configuration`)).status;
      const former = await carryThrough(belay, install, { ...asked, gluu_version: '3.1.5' });
      const before = await held('3.1.5');
      await lab.mark('former');

      const { hash } = await belay.plan(install, { ...asked, ...numbers, replace_existing: true });
      const run = await belay.start(hash);
      expect(await goOn(belay, run, /is saved on its node and REMOVED with all its data/)).toBe('waiting');
      expect(otherThanLiving(await differences(lab, 'former'))).toEqual([]);
      expect(await goOn(belay, run)).toBe('succeeded');
      expect(await servers()).toEqual([root, root]);
      expect(await discovered('3.1.6')).toBe(200);
      for (const node of nodes) {
        const { inumOrg, inumAppliance } = await settingsOf(lab, node, '3.1.6');
        expect([inumOrg, inumAppliance]).toEqual([numbers.inum_organisation, numbers.inum_appliance]);
      }
      expect((await held('3.1.6')).join('\n')).toContain(`inum=${numbers.inum_appliance},ou=appliances,o=gluu`);

      await carryBack(belay, run);
      expect(await servers()).toEqual([container('3.1.5'), container('3.1.5')]);
      await expect.poll(async () => discovered('3.1.5'), { timeout: 60_000 }).toBe(200);
      expect(await held('3.1.5')).toEqual(before);
      expect(otherThanLiving(await differences(lab, 'former'))).toEqual([]);
      await carryBack(belay, former.run);
      expect(await differences(lab, 'bare')).toEqual([]);
    },
    long,
  );
});
