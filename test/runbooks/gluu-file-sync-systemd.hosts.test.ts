import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authorityPem, createAuthority } from '../../activities/certificates/authority.js';
import { carryBack, carryThrough } from './carry-through.js';
import { runbookLab, type RunbookLab } from './runbook-lab.js';
import { runBySystemd, systemdPackages, type SystemdHost } from './systemd-host.js';

const root = '/opt/gluu-server-3.1.6';
const conf = `${root}/etc/gluu/conf`;
const templates = `${root}/opt/gluu/jetty/identity/conf/shibboleth3/idp`;
const nodes = ['node1', 'node2'];
const asked = { listener: 'systemd', schedule: 'systemd', interval: 2, restart: true };

/** A container with files that differ, a shell, and services of which each tells that it was restarted. */
const furnish = `
cd /; mkdir -p ${conf} ${templates} ${root}/etc/init.d ${root}/opt/gluu/jetty/idp
cp --parents -L /bin/sh /lib64/ld-linux-x86-64.so.2 /lib/x86_64-linux-gnu/libc.so.6 ${root}
for one in idp identity; do
  printf '#!/bin/sh\\necho "$0 $1" >>/restarted\\n' >${root}/etc/init.d/$one; chmod 755 ${root}/etc/init.d/$one
done
: >${root}/restarted
echo "jetty:x:996:1001::/:/bin/false" >${root}/etc/passwd
echo "of $1" >${conf}/shared.properties
echo template >${templates}/metadata.vm`;

/** What systemd has of csync2 and of its passes, and where somebody listens for csync2. */
const units = `cd /etc/systemd/system; find . -path '*csync2*' -o -name 'gluu-file-sync*' | sort
systemctl show -p ActiveState,UnitFileState,NeedDaemonReload csync2.socket gluu-file-sync.timer
ss -Hltn 'sport = :30865' | awk '{ print "listens at " $4 }'`;

describe('gluu/file-sync, on hosts that systemd runs', () => {
  let world: RunbookLab;
  const systemd: Record<string, SystemdHost> = {};
  const on = async (host: string, script: string): Promise<string> => world.on(host, script);
  const everywhere = async (script: string): Promise<string[]> => {
    const said: string[] = [];
    for (const node of nodes) said.push(await systemd[node]!.inside(script));
    return said;
  };

  beforeAll(async () => {
    const description = {
      about: 'Two nodes with files of Gluu, which systemd runs',
      domain: 'lab.test',
      hosts: { node1: {}, node2: {} },
      groups: { nodes },
      packages: [...systemdPackages, 'csync2', 'sqlite3', 'openssl', 'cron'],
    };
    world = await runbookLab({ name: 'gluu-units', description }, 'runbooks/gluu/file-sync.yaml', asked);
    for (const node of nodes) {
      systemd[node] = await runBySystemd(world.lab, node);
      const { code, stderr } = await world.lab.exec(node, ['sh', '-euc', furnish, 'sh', node]);
      if (code !== 0) throw new Error(stderr);
    }
    // The second one has csync2 already, with the package's own socket, which listens on every address.
    await systemd['node2']!.inside(
      'apt-get -qq -y --no-install-recommends install csync2 >/dev/null 2>&1; systemctl --quiet enable --now csync2.socket',
    );
    await world.belay.keepSecret('gluu-cluster-ca', authorityPem(await createAuthority('Gluu cluster', new Date())));
    await world.belay.keepSecret('gluu-file-sync', 'a'.repeat(63) + 'Z');
  }, 600_000);
  afterAll(async () => {
    for (const host of Object.values(systemd)) await host.end();
    await world?.end();
  }, 120_000);

  it('has its socket answer and its timer begin the passes, restarts what reads changed templates, has a chosen node win once more, and goes back', async () => {
    const before = await everywhere(units);
    expect(before[1]).toMatch(/^listens at (\*|\[::\]):30865$/m);
    const first = await world.through();
    for (const [index, said] of (await everywhere(units)).entries()) {
      const { address } = world.lab.host(nodes[index]!);
      expect(said.match(/^listens at .*$/gm)).toEqual([`listens at ${address}:30865`]);
      expect(said.match(/^ActiveState=active\nUnitFileState=enabled\nNeedDaemonReload=no$/gm)).toHaveLength(2);
    }
    const calendar = 'systemctl show -p TimersCalendar --value gluu-file-sync.timer';
    expect((await everywhere(calendar)).map((one) => /OnCalendar=(\S+ \S+)/.exec(one)?.[1])).toEqual([
      '*-*-* *:00/2:00',
      '*-*-* *:01/2:00',
    ]);
    expect(await on('node2', `cat ${conf}/shared.properties`)).toBe('of node1');

    // Nobody but the timers begins a pass now. It carries the template, and both nodes restart what reads it, once.
    const clear = `: >${root}/restarted`;
    for (const node of nodes) await on(node, clear);
    await on('node1', `echo changed >${templates}/metadata.vm`);
    const arrived = `cat ${templates}/metadata.vm`;
    await expect.poll(async () => on('node2', arrived), { timeout: 300_000, interval: 1000 }).toBe('changed');
    const restarted = `cat ${root}/restarted`;
    for (const node of nodes)
      await expect
        .poll(async () => on(node, restarted), { timeout: 30_000 })
        .toBe('/etc/init.d/idp restart\n/etc/init.d/identity restart');

    const again = await world.through();
    expect(again.changed.filter((one) => !/^proof\.(sent|answered\.node2|cleared) on /.test(one))).toEqual([]);

    // The younger change would win, if nothing were forced.
    await everywhere('systemctl stop gluu-file-sync.timer');
    await on('node2', `echo chosen >${conf}/shared.properties`);
    await on('node1', `sleep 1.1; echo younger >${conf}/shared.properties`);
    const forced = await world.through({ force: 'all', source: 'node2' });
    expect(await everywhere(`cat ${conf}/shared.properties`)).toEqual(['chosen', 'chosen']);
    expect(await everywhere('systemctl is-active gluu-file-sync.timer')).toEqual(['active', 'active']);
    await carryBack(world.belay, forced.run);
    expect(await on('node1', `cat ${conf}/shared.properties`)).toBe('younger');
    // Timers stand still again, as that run found them; undo of the first run would not take them for its own.
    await everywhere('systemctl start gluu-file-sync.timer');

    await carryBack(world.belay, again.run);
    await carryBack(world.belay, first.run);
    expect(await everywhere(units)).toEqual(before);
    expect(await on('node2', `cat ${conf}/shared.properties`)).toBe('of node2');
  }, 1_200_000);

  it('ends, and is there again when the end is undone', async () => {
    const before = await everywhere(units);
    const first = await world.through();
    const standing = await everywhere(units);
    const end = await carryThrough(world.belay, 'runbooks/gluu/file-sync-end.yaml', {});
    for (const said of await everywhere(units)) {
      expect(said).not.toContain('listens at');
      expect(said).not.toContain('gluu-file-sync.timer\n');
    }
    await carryBack(world.belay, end.run);
    expect(await everywhere(units)).toEqual(standing);
    await on('node1', `echo later >${conf}/shared.properties; gluu-file-sync wait`);
    expect(await on('node2', `cat ${conf}/shared.properties`)).toBe('later');
    await carryBack(world.belay, first.run);
    expect(await everywhere(units)).toEqual(before);
  }, 600_000);
});
