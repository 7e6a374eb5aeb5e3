import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { changes, differences, failures, small, smallPrograms } from './gluu-world.js';

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
const root = '/opt/gluu-server-3.1.6';
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

  it(
    'installs, shares certificates, changes nothing the second time, and goes back',
    async () => {
      const installed = await through(install, asked, 2);
      expect(await on('node2', `cat ${root}/install/community-edition-setup/*.properties*`)).not.toMatch(
        /Ab3-of|salt-of/,
      );
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
});
