// cspell:words dsreplication
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../activities/certificates/authority.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { installGluu, passwords, root, runGluu, swapped } from './gluu-servers.js';
import { changes, failures } from './gluu-world.js';

const name = 'gluu-directory';
const nodes = ['node1', 'node2'];
/** What the runbook changes of files: their sums, and which there are. */
const fingerprint = `cd ${root}
sha256sum opt/opendj/config/config.ldif etc/certs/* etc/gluu/conf/ox-ldap.properties opt/shibboleth-idp/conf/ldap.properties
ls opt/opendj/config`;
/** Changes an entry of one base on that node alone, past all runbooks. */
const writing = (change: string): string => `cd /root
printf '%s' ${passwords.manager} >pw; printf '%s\\n' 'dn: ou=groups,o=site' '${change}' >change
OPENDJ_JAVA_HOME=/opt/jre chroot ${root} /opt/opendj/bin/ldapmodify --useSSL --hostname "$(hostname -s).lab.test" --port 1636 \\
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \\
  --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin --filename /dev/fd/3 <pw 3<change; rm pw change`;

describe('gluu/directory, on real OpenDJ', () => {
  let lab: Lab;
  let belay: Belay;
  let before: string[];
  /** The run that made one directory of both. */
  let made: string;

  const on = async (host: string, script: string): Promise<string> => {
    const { stdout, stderr, code } = await lab.exec(host, ['sh', '-euc', script]);
    if (code !== 0) throw new Error(`${host}: ${stderr}`);
    return stdout;
  };
  const state = async (): Promise<string[]> => Promise.all(nodes.map(async (node) => on(node, fingerprint)));
  const said = async (run: string, step: string, host: string): Promise<string | undefined> =>
    (await belay.tasks(run)).find((task) => task.step === step && task.host === host)?.summary;

  beforeAll(async () => {
    lab = await labUp({ name, description: 'lab/descriptions/gluu-pair.yaml', say: () => undefined });
    belay = await startBelay(lab);
    await installGluu(lab, nodes);
    for (const [secret, value] of [
      ['gluu-directory-manager', passwords.manager],
      ['gluu-keystore', passwords.stores],
      ['gluu-replication-admin', 'replicating-is-what-I-do'],
    ] as const)
      await belay.keepSecret(secret, value);
    const authority = await createAuthority('Gluu cluster', new Date());
    await belay.keepSecret('gluu-cluster-ca', `${authority.certificate}${authority.key}`);
    before = await state();
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown(name);
  }, 120_000);

  it('refuses a source that holds less than a node that it would fill, before anything changes', async () => {
    const inventory = join(dirname(lab.inventoryFile), 'swapped.yaml');
    writeFileSync(inventory, swapped(lab));
    const { run, ended, plan } = await runGluu(belay, 'directory', {}, inventory);
    expect(ended.state).toBe('failed');
    expect(await failures(belay, run)).toEqual(['no_more@node2']);
    expect(await changes(belay, run, plan)).toEqual([]);
  }, 180_000);

  it('refuses a password that is not the directory manager’s, before anything changes', async () => {
    await belay.keepSecret('gluu-directory-manager', 'quite-another-one');
    const { run, ended, plan } = await runGluu(belay, 'directory');
    await belay.keepSecret('gluu-directory-manager', passwords.manager);
    expect(ended.state).toBe('failed');
    expect((await failures(belay, run)).sort()).toEqual(['look.holds@node1', 'look.holds@node2']);
    expect(await changes(belay, run, plan)).toEqual([]);
    expect(await state()).toEqual(before);
  }, 180_000);

  it('refuses to keep more for undo than the limit, before anything changes', async () => {
    const filler = `${root}/opt/opendj/db/filler`;
    await on('node2', `head -c 8M /dev/zero >${filler}`);
    for (const [backup_limit, refused] of [
      ['100KiB', 'room.room@node1'],
      ['10MiB', 'node_room.room@node2'],
    ]) {
      const { run, plan } = await runGluu(belay, 'directory', { backup_limit });
      expect(await failures(belay, run)).toEqual([refused]);
      expect(await changes(belay, run, plan)).toEqual([]);
    }
    await on('node2', `rm ${filler}`);
  }, 180_000);

  it('makes one directory of two, encrypted, and shows a marker on every way, and to a node that was away', async () => {
    const { run, ended } = await runGluu(belay, 'directory');
    made = run;
    expect(await failures(belay, run)).toEqual([]);
    expect(ended.state).toBe('succeeded');
    expect(await said(run, 'proof.gluu.node2', 'node1')).toMatch(
      /^seen on ldaps:\/\/node2.* after \d+ ms, and gone again/,
    );
    for (const node of nodes)
      expect(await on(node, `ss -Hltn | awk '{ print $4 }' | grep -E ':(1636|4444)$' | sort`)).toBe(
        [1636, 4444].map((port) => `[::ffff:${lab.host(node).address}]:${port}\n`).join(''),
      );
    expect(await on('node2', `grep '^servers' ${root}/etc/gluu/conf/ox-ldap.properties`)).toBe(
      'servers: node2.lab.test:1636,node1.lab.test:1636\n',
    );
  }, 600_000);

  it('changes nothing when it is run again', async () => {
    const { run, ended, plan } = await runGluu(belay, 'directory', { prove_outage: false });
    expect(ended.state).toBe('succeeded');
    expect(await changes(belay, run, plan)).toEqual([]);
  }, 300_000);

  it('does not call a directory whole of which a node is away', async () => {
    const status = async (inputs = {}): Promise<string[]> =>
      failures(belay, (await runGluu(belay, 'directory-status', inputs)).run);
    expect(await status()).toEqual([]);
    expect(await status({ node: 'node2' })).toEqual([]);
    await on('node2', `chroot ${root} /etc/init.d/opendj stop`);
    expect((await status()).sort()).toEqual(['look.holds@node2', 'replicates.ways@node1', 'whole@node1']);
    expect(await status({ node: 'node1' })).toEqual(['replicates.ways@node1', 'whole@node1']);
    await on('node2', `chroot ${root} /etc/init.d/opendj start </dev/null >/dev/null 2>&1`);
    expect(await status()).toEqual([]);
  }, 300_000);

  it('parts a node, and fills it anew when it joins again, whatever was written there meanwhile', async () => {
    const parted = await runGluu(belay, 'directory-disable', { node: 'node2' });
    expect(parted.ended.state).toBe('succeeded');
    expect(await on('node2', `grep '^servers' ${root}/etc/gluu/conf/ox-ldap.properties`)).toBe(
      'servers: node2.lab.test:1636\n',
    );
    await on('node2', writing('changetype: delete'));
    const joined = await runGluu(belay, 'directory-enable', { node: 'node2' });
    expect(await failures(belay, joined.run)).toEqual([]);
    expect((await belay.states(joined.run))['join.node2.filled@node1']).toBe('changed');
    expect((await runGluu(belay, 'directory-status')).ended.state).toBe('succeeded');
    expect(await said(joined.run, 'join.node2.equal.1.there', 'node1')).toBe('4 entries');
  }, 600_000);

  it('goes back to two directories, each as it was', async () => {
    await belay.say(made, 'undo');
    await belay.until(made, ['undone'], 400);
    expect(await state()).toEqual(before);
    expect(await on('node2', `ls ${root}/opt/opendj/changelogDb | wc -l`)).toBe('0\n');
  }, 500_000);
});
