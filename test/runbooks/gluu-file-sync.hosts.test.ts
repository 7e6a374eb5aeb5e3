import { authorityPem, createAuthority } from '../../activities/certificates/authority.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answeredFor } from './answered-for.js';
import { carryBack, carryThrough } from './carry-through.js';
import { differences, failures } from './gluu-world.js';
import { planOwn } from './own-runbook.js';
import { runbookLab, type RunbookLab } from './runbook-lab.js';

const root = '/opt/gluu-server-3.1.6';
const conf = `${root}/etc/gluu/conf`;

/** Files of a node's container: one its own, one that differs, one that no other node has; and who owns files there. */
const furnish = `
mkdir -p ${conf} ${root}/opt/gluu/jetty/oxauth/custom ${root}/opt/shibboleth-idp/conf
cd ${root}
echo "jetty:x:996:1001::/:/bin/false" >etc/passwd
echo "servers: $1" >etc/gluu/conf/ox-ldap.properties
echo "of $1" >etc/gluu/conf/shared.properties
echo "of $1" >"opt/shibboleth-idp/conf/only-$1.xml"
echo "of $1" >"etc/gluu/conf/.hidden"`;

/** Paths of a second run: one fewer, and one more. */
const others = { paths: ['etc/gluu/conf', 'opt/gluu/jetty/oxauth/custom', 'opt/added'] };

/** What gluu/verify asks of files, by itself. */
const looked = `
runbook: files-looked-at
about: Whether files are equal on all nodes.
groups: { nodes: { min: 2 } }
phases:
  - phase: Files
    hosts: nodes
    max_failures: 2
    on_failure: stop
    steps:
      - id: files
        step: Files are equal on all nodes, and stay so
        call: parts/verify-file-sync.yaml
`;

describe('gluu/file-sync, on real hosts', () => {
  let world: RunbookLab;
  const on = async (host: string, script: string): Promise<string> => world.on(host, script);

  beforeAll(async () => {
    const description = {
      about: 'Two nodes with files of Gluu',
      domain: 'lab.test',
      hosts: { node1: { preinstalled: ['cron'] }, node2: { preinstalled: ['cron'] } },
      groups: { nodes: ['node1', 'node2'] },
      packages: ['csync2', 'sqlite3', 'openbsd-inetd', 'xinetd', 'openssl'],
    };
    world = await runbookLab({ name: 'gluu-files', description }, 'runbooks/gluu/file-sync.yaml');
    for (const node of ['node1', 'node2']) await world.lab.exec(node, ['sh', '-euc', furnish, 'sh', node]);
    await world.belay.keepSecret('gluu-cluster-ca', authorityPem(await createAuthority('Gluu cluster', new Date())));
    await world.belay.keepSecret('gluu-file-sync', 'a'.repeat(63) + 'Z');
  }, 600_000);
  afterAll(async () => world?.end(), 120_000);

  const exitOf = async (host: string, command: string): Promise<string> =>
    on(host, `code=0; ${command} || code=$?; echo $code`);

  /** Which checks of gluu/verify fail. */
  const wrongFiles = async (): Promise<string[]> => {
    const run = await world.belay.start((await planOwn(world.belay, looked)).hash);
    await world.belay.until(run, ['failed', 'succeeded'], 120);
    return (await failures(world.belay, run)).toSorted();
  };

  const wrong = [
    { it: 'a version that is not there', inputs: { gluu_version: '3.1.5' }, begin: '', end: '', found: 'before.files' },
    {
      it: 'a node whose name leads to its loopback',
      inputs: {},
      begin: `cp /etc/hosts /root/hosts; sed 's/^[0-9.]*\\(.*node2.lab.test\\)/127.0.1.1\\1/' /root/hosts >/etc/hosts`,
      end: 'cat /root/hosts >/etc/hosts; rm /root/hosts',
      found: 'fit.name',
    },
    {
      it: 'a csync2 that carries something else',
      inputs: {},
      begin: 'echo "group other { host a b; include /srv; }" >/etc/csync2.cfg',
      end: 'rm /etc/csync2.cfg',
      found: 'fit.free',
    },
    {
      it: 'a folder behind a symbolic link',
      inputs: {},
      begin: `cd ${root}/opt; mv shibboleth-idp elsewhere; ln -s elsewhere shibboleth-idp`,
      end: `cd ${root}/opt; rm shibboleth-idp; mv elsewhere shibboleth-idp`,
      found: 'before.present',
    },
    {
      it: 'owners that are others by their numbers',
      inputs: {},
      begin: `sed -i s/996/997/ ${root}/etc/passwd`,
      end: `sed -i s/997/996/ ${root}/etc/passwd`,
      found: 'owners',
    },
  ];

  it.each(wrong)('refuses $it, before anything changes', async ({ inputs, begin, end, found }) => {
    await on('node2', begin);
    const { failed, changed } = await world.refused(inputs);
    await on('node2', end);
    expect(failed.map((one) => one.split('@')[0])).toContain(found);
    expect(changed).toEqual([]);
  });

  it('fills from the first node, carries both ways, leaves what is a node’s own, changes nothing anew, and goes back', async () => {
    await world.lab.mark('bare');
    const first = await world.through();
    expect(await on('node2', `cat ${conf}/shared.properties ${conf}/ox-ldap.properties ${conf}/.hidden`)).toBe(
      'of node1\nservers: node2\nof node2',
    );
    expect(await on('node1', `ls ${root}/opt/shibboleth-idp/conf | paste -sd,`)).toBe('only-node1.xml,only-node2.xml');
    expect(
      await on('node1', 'stat -c %a /etc/csync2.key /etc/csync2_ssl_key.pem; tail -1 /etc/cron.d/gluu-file-sync'),
    ).toMatch(/^600\n600\n0-59\/10 .*gluu-file-sync$/);
    expect(await on('node2', 'tail -1 /etc/cron.d/gluu-file-sync')).toMatch(/^5-59\/10 /);
    expect(await on('node2', 'find /var/backups/csync2 -name shared.properties -exec cat {} +')).toBe('of node2');

    // A change on the second node now reaches the first by an ordinary pass: nothing is forced any more.
    expect(await wrongFiles()).toEqual([]);
    const held = 'setsid flock -F /run/gluu-file-sync.lock sleep 3000 </dev/null >/dev/null 2>&1 & echo $! >/run/held';
    await on('node2', `${held}; echo later >${conf}/shared.properties`);
    expect(await wrongFiles()).toEqual(['files.equal@node1', 'files.equal@node2']);
    await on('node2', 'kill "$(cat /run/held)"; rm /run/held; gluu-file-sync wait');
    expect(await wrongFiles()).toEqual([]);
    expect(await on('node1', `cat ${conf}/shared.properties`)).toBe('later');
    const again = await world.through();
    expect(again.changed.filter((one) => !/^proof\.(sent|answered\.node2|cleared) on /.test(one))).toEqual([]);
    expect(await on('node1', `cat ${conf}/shared.properties`)).toBe('later');

    const added = `mkdir ${root}/opt/added; hostname >${root}/opt/added/file`;
    await on('node1', added);
    await on('node2', added);
    // The node that is chosen now wins with the added path alone; elsewhere the younger change does.
    await on('node1', `echo newest >${conf}/shared.properties`);
    const changed = await world.through({ ...others, source: 'node2' });
    expect(await on('node2', `cat ${conf}/shared.properties`)).toBe('newest');
    expect(await on('node1', `cat ${root}/opt/added/file`)).toBe(await on('node2', 'hostname'));
    await on('node1', `echo mine >${root}/opt/shibboleth-idp/conf/only-node2.xml; gluu-file-sync wait`);
    expect(await on('node2', `cat ${root}/opt/shibboleth-idp/conf/only-node2.xml`)).toBe('of node2');
    await on('node1', `echo 'of node2' >${root}/opt/shibboleth-idp/conf/only-node2.xml`);

    await carryBack(world.belay, changed.run);
    expect(await on('node1', `cat ${root}/opt/added/file`)).toBe(await on('node1', 'hostname'));
    for (const node of ['node1', 'node2']) await on(node, `rm -r ${root}/opt/added`);
    await carryBack(world.belay, again.run);
    await carryBack(world.belay, first.run);
    expect(await on('node2', `cat ${conf}/shared.properties`)).toBe('of node2');
    expect(answeredFor(await differences(world.lab, 'bare'))).toEqual([]);
  }, 900_000);

  it('turns a stranger away, leaves a pass out while another goes on, says when one fails or is late, removes nothing that was lost, and ends', async () => {
    await world.lab.mark('bare');
    const first = await world.through({ listener: 'xinetd' });
    // What syslog would be told, and a clock of which each look takes ten minutes.
    const watched = `mkdir -p /root/watch; cd /root/watch
printf '#!/bin/sh\\nshift 5; echo "$*" >>/root/watch/said\\n' >logger
printf '#!/bin/sh\\nn=$(cat /root/watch/n); echo $((n + 600)) >/root/watch/n; echo "$n"\\n' >date
chmod 755 logger; echo 0 >n; rm -f said`;
    const pass = 'PATH=/root/watch:$PATH gluu-file-sync';
    await on('node1', watched);
    expect(await exitOf('node1', `exec 9>/run/gluu-file-sync.lock; flock 9; ${pass} 9>&-`)).toBe('75');
    await on(
      'node1',
      `cp /etc/csync2_ssl_cert.pem /etc/csync2_ssl_key.pem /root/watch; cd /etc
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj '/CN=Gluu cluster' -keyout csync2_ssl_key.pem -out csync2_ssl_cert.pem 2>/dev/null
echo stranger >${conf}/shared.properties`,
    );
    expect(await exitOf('node1', pass)).not.toBe('0');
    expect(await on('node2', `cat ${conf}/shared.properties`)).toBe('of node1');
    await on('node1', 'cp /root/watch/csync2_ssl_*.pem /etc; chmod 755 /root/watch/date');
    expect(await exitOf('node1', pass)).toBe('0');
    expect(await on('node2', `cat ${conf}/shared.properties`)).toBe('stranger');
    expect((await on('node1', 'cat /root/watch/said')).split('\n')).toEqual([
      'the pass before still goes on after 10 minutes; this one is left out',
      expect.stringMatching(/^csync2 ended with \d+; see \/run\/gluu-file-sync\.log$/),
      'the pass took 600 seconds, longer than its interval of 10 minutes',
    ]);
    await on('node1', 'rm -r /root/watch');

    // What a node has lost with its container is not removed on the others.
    const there = await on('node2', `find ${root} -type f | sort`);
    for (const [lost, back] of [
      [`mv ${root} ${root}.lost`, `mv ${root}.lost ${root}`],
      [`mv ${conf} ${conf}.lost; mkdir ${conf}`, `rmdir ${conf}; mv ${conf}.lost ${conf}`],
    ] as const) {
      await on('node1', lost);
      expect(await exitOf('node1', 'gluu-file-sync')).toBe('66');
      expect(await on('node1', 'cat /run/gluu-file-sync.last')).toMatch(/ exit=66$/);
      await on('node1', back);
    }
    expect(await exitOf('node1', 'gluu-file-sync')).toBe('0');
    expect(await on('node2', `find ${root} -type f | sort`)).toBe(there);

    const ended = await carryThrough(world.belay, 'runbooks/gluu/file-sync-end.yaml', {});
    await on('node1', `echo alone >${conf}/shared.properties; ! command -v gluu-file-sync`);
    expect((await carryThrough(world.belay, 'runbooks/gluu/file-sync-end.yaml', {})).changed).toEqual([]);
    await carryBack(world.belay, ended.run);
    await on('node1', 'gluu-file-sync wait');
    expect(await on('node2', `cat ${conf}/shared.properties`)).toBe('alone');
    await carryBack(world.belay, first.run);
    expect(answeredFor(await differences(world.lab, 'bare'))).toEqual([]);
  }, 600_000);
});
