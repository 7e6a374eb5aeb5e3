// cspell:words dsreplication urlopen
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../../activities/certificates/authority.js';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { grownInventory } from './gluu-cluster-lab.js';
import { entriesHeld, installGluu, passwords, root, runGluu, swapped, withoutDirectory } from './gluu-servers.js';
import { changes, failures } from './gluu-world.js';

const name = 'gluu-directory';
const nodes = ['node1', 'node2'];
/** What the runbook changes of files: their sums, and which there are. */
const fingerprint = `cd ${root}
sha256sum opt/opendj/config/config.ldif etc/certs/* etc/gluu/conf/ox-ldap.properties opt/shibboleth-idp/conf/ldap.properties
ls opt/opendj/config`;
/** Changes an entry of one base on that node, past all runbooks. */
const writing = (change: string, entry = 'ou=groups,o=site'): string => `cd /root
printf '%s' ${passwords.manager} >pw; printf '%s\\n' 'dn: ${entry}' '${change}' >change
OPENDJ_JAVA_HOME=/opt/jre chroot ${root} /opt/opendj/bin/ldapmodify --useSSL --hostname "$(hostname -s).lab.test" --port 1636 \\
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \\
  --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin --filename /dev/fd/3 <pw 3<change; rm pw change`;

/** Which servers sign-in asks, by that node's copy of the settings, without the escapes of JSON in JSON. */
const signIn = `cd /root; printf '%s' ${passwords.manager} >pw
OPENDJ_JAVA_HOME=/opt/jre chroot ${root} /opt/opendj/bin/ldapsearch --useSSL --hostname "$(hostname -s).lab.test" --port 1636 \\
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \\
  --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin --baseDN ou=appliances,o=gluu '(oxIDPAuthentication=*)' \\
  oxIDPAuthentication <pw | sed -e :a -e '$!N;s/\\n //;ta' -e 'P;D' | tr -d '\\\\' | sed -n 's/.*"servers":\\([^]]*]\\).*/\\1/p'; rm pw`;

/** What applications say that read a node's directory when they start: identity, Shibboleth, Passport. */
const applications = `for at in 8082/identity/restv1/scim-configuration 8086/idp/shibboleth 8090/passport; do
perl -MIO::Socket::INET -e '
my ($port, $path) = split m{(?=/)}, $ARGV[0], 2;
my $web = IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $port, Timeout => 20) or die "$port: $!";
print $web "GET $path HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\nConnection: close\\r\\n\\r\\n";
print +(split / /, <$web>)[1], "\\n"' "$at"; done | paste -sd' '`;

/** Which processes of Gluu's applications run on a node. */
const processes = `for one in /proc/[0-9]*; do
  [ "$(readlink "$one/root" 2>/dev/null)" = ${root} ] || continue
  tr '\\0' ' ' 2>/dev/null <"$one/cmdline" | grep -Eq '(^|[ /])(oxauth|identity|idp|passport)([ /]|$)' && echo "\${one#/proc/}" || true
done | paste -sd' '`;

/** The processes that are in both lists. */
const common = (one: string, other = ''): string[] =>
  one
    .trim()
    .split(' ')
    .filter((pid) => other.trim().split(' ').includes(pid));

/** Has Passport not start anew once the node's directory replicates. */
const hindered = `cd ${root}/etc/init.d; mv passport passport.kept
printf '%s\\n' '#!/bin/sh' '[ "$1" != restart ] || ! grep -q "^ds-cfg-replication-server: " /opt/opendj/config/config.ldif || exit 1' 'exec /etc/init.d/passport.kept "$@"' >passport
chmod 755 passport`;

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
  /** Carries a runbook through, in which nothing may fail but what it goes on without. */
  const through = async (runbook: string, inputs = {}, inventory?: string, without: string[] = []): Promise<string> => {
    const { run, ended } = await runGluu(belay, runbook, inputs, inventory);
    expect(await failures(belay, run)).toEqual(without);
    expect(ended.state).toBe('succeeded');
    return run;
  };
  /** Starts a runbook that must fail before it changes anything; gives what failed. */
  const refused = async (runbook: string, inputs = {}, inventory?: string): Promise<string[]> => {
    const { run, ended, plan } = await runGluu(belay, runbook, inputs, inventory);
    expect(ended.state).toBe('failed');
    expect(await changes(belay, run, plan)).toEqual([]);
    return (await failures(belay, run)).sort();
  };
  /** What a look at the directory finds wrong, and what its verdict says. */
  const status = async (inputs = {}): Promise<string[]> => {
    const { run } = await runGluu(belay, 'directory-status', inputs);
    const failed = (await belay.tasks(run)).filter(({ state }) => state === 'failed');
    const verdict = (known = ''): string =>
      (JSON.parse(/wrong = (\[.*\])/.exec(known)?.[1] ?? '["no verdict"]') as string[]).join('; ');
    return failed
      .map(({ step, host, failure }) => `${step}@${host}${step === 'whole' ? `: ${verdict(failure?.known)}` : ''}`)
      .sort();
  };
  /** Which servers the applications of each node ask, in their order. */
  const asked = async (): Promise<string[]> =>
    Promise.all(
      nodes.map(async (node) =>
        (await on(node, `sed -n 's/^servers: //p' ${root}/etc/gluu/conf/ox-ldap.properties`))
          .replaceAll('.lab.test:1636', '')
          .trim(),
      ),
    );
  /** What each node's copy of the directory holds, and with whom it replicates by its configuration. */
  const held = async (): Promise<{ entries: string[]; replicates: string }[]> =>
    Promise.all(
      nodes.map(async (node) => ({
        entries: await entriesHeld(lab, node, passwords.manager, `${node}.lab.test`),
        replicates: await on(
          node,
          `sed -n 's/^ds-cfg-replication-server: //p' ${root}/opt/opendj/config/config.ldif | sort -u`,
        ),
      })),
    );
  const back = async (run: string): Promise<void> => {
    await belay.say(run, 'undo');
    await belay.until(run, ['undone'], 400);
  };
  const said = async (run: string, step: string, host: string): Promise<string | undefined> =>
    (await belay.tasks(run)).find((task) => task.step === step && task.host === host)?.summary;

  beforeAll(async () => {
    lab = await labUp({ name, description: 'lab/descriptions/gluu-pair.yaml', say: () => undefined });
    belay = await startBelay(lab);
    await installGluu(lab, nodes, 'installSaml=True installPassport=True');
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
    expect(await refused('directory', {}, inventory)).toEqual(['no_more@node2']);
  }, 180_000);

  it('refuses a password that is not the directory manager’s, before anything changes', async () => {
    await belay.keepSecret('gluu-directory-manager', 'quite-another-one');
    const failed = await refused('directory');
    await belay.keepSecret('gluu-directory-manager', passwords.manager);
    expect(failed).toEqual(['look.holds@node1', 'look.holds@node2']);
    expect(await state()).toEqual(before);
  }, 180_000);

  it('refuses to keep more for undo than the limit, before anything changes', async () => {
    const filler = `${root}/opt/opendj/db/filler`;
    await on('node2', `head -c 8M /dev/zero >${filler}`);
    for (const [backup_limit, wanted] of [
      ['100KiB', 'room.room@node1'],
      ['10MiB', 'node_room.room@node2'],
    ])
      expect(await refused('directory', { backup_limit })).toEqual([wanted]);
    await on('node2', `rm ${filler}`);
  }, 180_000);

  it('makes one directory of two, encrypted, and shows a marker on every way, and to a node that was away', async () => {
    const answers = async (): Promise<string[]> => Promise.all(nodes.map(async (node) => on(node, applications)));
    expect(await answers()).toEqual(['200 200 200\n', '503 503 503\n']);
    const run = (made = await through('directory'));
    // Those of the second have started before its directory was filled, and start anew, whichever are installed.
    expect(await answers()).toEqual(['200 200 200\n', '200 200 200\n']);
    expect((await belay.states(run))['applications.node2.anew.restarted@node2']).toBe('changed');
    expect(await said(run, 'proof.gluu.node2', 'node1')).toMatch(
      /^seen on ldaps:\/\/node2.* after \d+ ms, and gone again/,
    );
    for (const node of nodes)
      expect(await on(node, `ss -Hltn | awk '{ print $4 }' | grep -E ':(1636|4444)$' | sort`)).toBe(
        [1636, 4444].map((port) => `[::ffff:${lab.host(node).address}]:${port}\n`).join(''),
      );
    expect(await asked()).toEqual(['node1,node2', 'node2,node1']);
  }, 600_000);

  it('changes nothing when it is run again', async () => {
    const { run, ended, plan } = await runGluu(belay, 'directory', { prove_outage: false, backup_limit: '100KiB' });
    expect(ended.state).toBe('succeeded');
    expect(await changes(belay, run, plan)).toEqual([]);
  }, 300_000);

  it('does not call a directory whole of which a node is away, nor parts that one', async () => {
    expect(await status()).toEqual([]);
    expect(await status({ node: 'node2' })).toEqual([]);
    await withoutDirectory(on, 'node2', async () => {
      expect(await status()).toEqual(['look.holds@node2', 'whole@node1: does not say what it holds: node2']);
      expect(await status({ node: 'node1' })).toEqual([
        'replicates.ways@node1',
        'whole@node1: does not replicate as it should: node1',
      ]);
      expect(await refused('directory-disable', { node: 'node2' })).toEqual(['asked@node1', 'look.holds@node2']);
    });
    expect(await status()).toEqual([]);
  }, 300_000);

  it('parts a node, and fills it anew when it joins again, beside one that says nothing, whatever was written there meanwhile', async () => {
    const grown = grownInventory(lab);
    // It has an OpenDJ that was parted, and says nothing.
    await on('node3', `mkdir -p ${root}/opt/opendj/config && touch ${root}/opt/opendj/config/config.ldif`);
    await through('directory-disable', { node: 'node2' }, grown, ['look.holds@node3']);
    expect(await asked()).toEqual(['node1', 'node2']);
    for (const node of nodes) expect(await on(node, signIn)).toBe(`["${node}.lab.test:1636"]\n`);
    await on('node2', writing('changetype: delete'));
    const small = { node: 'node2', backup_limit: '100KiB' };
    expect(await refused('directory-enable', small, grown)).toEqual([
      'cluster@node1',
      'look.holds@node3',
      'room.room@node2',
    ]);
    const parted = await held();
    const joined = await through('directory-enable', { node: 'node2' }, grown, ['look.holds@node3']);
    expect((await belay.states(joined))['join.node2.filled@node1']).toBe('changed');
    expect(await said(joined, 'join.node2.equal.1.there', 'node1')).toBe('4 entries');
    expect(await asked()).toEqual(['node1,node2', 'node2,node1']);
    expect(await on('node2', signIn)).toBe('["node1.lab.test:1636","node2.lab.test:1636"]\n');
    expect(await status()).toEqual([]);
    await on('node2', writing('changetype: add\nobjectClass: organizationalUnit', 'ou=since,o=site'));
    await back(joined);
    // What was written on it since is lost there, and stays on the node that had filled it.
    const [first, second] = await held();
    expect(second).toEqual(parted[1]);
    expect(first?.entries.filter((one) => !parted[0]?.entries.includes(one))).toEqual([
      expect.stringContaining('dn: ou=since,o=site'),
    ]);
    expect(first?.replicates).not.toContain('node2');
    expect(await asked()).toEqual(['node1', 'node2']);
    for (const node of nodes) expect(await on(node, signIn)).toBe(`["${node}.lab.test:1636"]\n`);
    await on('node1', writing('changetype: delete', 'ou=since,o=site'));
    const former = await on('node2', processes);
    expect(former).not.toBe('\n');
    await through('directory-enable', { node: 'node2' });
    expect(await status()).toEqual([]);
    expect(common(await on('node2', processes), former)).toEqual([]);
  }, 600_000);

  it.each(['node2', 'all'])(
    'joins again what it parted (%s) when that is undone, filled from the first node',
    async (node) => {
      const run = await through('directory-disable', { node });
      expect(await asked()).toEqual(['node1', 'node2']);
      await on('node2', writing('changetype: delete'));
      await back(run);
      expect(await asked()).toEqual(['node1,node2', 'node2,node1']);
      expect(await status()).toEqual([]);
      await expect(on('node2', writing('changetype: add\nobjectClass: organizationalUnit'))).rejects.toThrow(/exists/i);
    },
    600_000,
  );

  it('goes back to two directories, each as it was', async () => {
    await back(made);
    expect(await state()).toEqual(before);
    expect(await on('node2', applications)).toBe('503 503 503\n');
    expect(await on('node2', `ls ${root}/opt/opendj/changelogDb | wc -l`)).toBe('0\n');
  }, 500_000);

  it('restarts the applications of a node that a run which was given up has filled', async () => {
    await on('node2', hindered);
    const { run, ended } = await runGluu(belay, 'directory', { prove_outage: false });
    expect(ended.state).toBe('waiting');
    expect(await failures(belay, run)).toEqual(['applications.node2.anew.restarted@node2']);
    await belay.say(run, 'cancel');
    await belay.until(run, ['cancelled']);
    await on('node2', `cd ${root}/etc/init.d; mv passport.kept passport`);
    expect(await on('node2', applications)).toMatch(/ 503\n$/);
    const next = await through('directory', { prove_outage: false });
    const states = await belay.states(next);
    expect(states['join.node2.filled@node1']).toBe('skipped');
    expect(states['applications.node2.anew.restarted@node2']).toBe('changed');
    expect(await on('node2', applications)).toBe('200 200 200\n');
    const again = await runGluu(belay, 'directory', { prove_outage: false });
    expect(await changes(belay, again.run, again.plan)).toEqual([]);
  }, 900_000);

  it('takes a directory back to a backup, unless more is to be kept for undo than the limit, and forth again when that is undone', async () => {
    await through('backup', { name: 'kept' });
    await on('node2', writing('changetype: delete'));
    expect(await refused('restore', { name: 'kept', backup_limit: '10KiB' })).toEqual(['room.room@node1']);
    const before = await held();
    const older = await Promise.all(nodes.map(async (node) => on(node, processes)));
    const restored = await through('restore', { name: 'kept' });
    expect(await said(restored, 'join.node2.equal.1.there', 'node1')).toBe('4 entries');
    expect(await held()).not.toEqual(before);
    await on('node2', writing('changetype: add\nobjectClass: organizationalUnit', 'ou=since,o=site'));
    const anew = await Promise.all(nodes.map(async (node) => on(node, processes)));
    for (const [index, of] of anew.entries()) expect(common(of, older[index])).toEqual([]);
    await back(restored);
    expect(await held()).toEqual(before);
    expect(await status()).toEqual([]);
    // Undo has put other entries under the applications once more.
    for (const [index, node] of nodes.entries()) expect(common(await on(node, processes), anew[index])).toEqual([]);
    for (const node of nodes) expect(await on(node, applications)).toBe('200 200 200\n');
  }, 1_800_000);

  it('leaves a node behind that is lost for good, where the inventory has it no more', async () => {
    const alone = join(dirname(lab.inventoryFile), 'alone.yaml');
    writeFileSync(alone, readFileSync(lab.inventoryFile, 'utf8').replace(/(nodes:\n +- node1\n) +- node2\n/, '$1'));
    await on('node2', 'ip link set eth0 down');
    await through('directory-disable', {}, alone);
    expect(await on('node1', `grep -c node2 ${root}/opt/opendj/config/config.ldif || true`)).toBe('0\n');
    expect(await on('node1', `grep ^servers ${root}/etc/gluu/conf/ox-ldap.properties`)).toBe(
      'servers: node1.lab.test:1636\n',
    );
  }, 600_000);
});
