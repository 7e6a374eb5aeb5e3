import { beforeAll, describe, expect, it } from 'vitest';
import { carryBack, carryOn, carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { failures, small } from './gluu-world.js';

const name = 'nodes-restart';
const runbook = 'runbooks/gluu/restart.yaml';
const { public_name } = small;
/** Processes of Gluu's applications and of its directory, by number: a restarted one has another. */
const processes = `pgrep -f 'stand-in[.]jar|/opt/opendj[/]' | sort | paste -sd,`;
/** Left by a run that was given up between filling a directory and restarting the applications. */
const noted = `${root}/etc/gluu-directory-filled`;

describe('gluu/restart, on real servers', () => {
  const world = setCluster(name, 'clustered');
  const { on } = world;

  beforeAll(async () => {
    // Of no use with nginx; `belay run start` makes one where none is stored.
    await world.belay.keepSecret('gluu-balancer-token', 'of-no-balancer');
  });

  const running = async (): Promise<string[]> =>
    Promise.all(['node1', 'node2'].map(async (node) => on(node, processes)));
  const configuration = async (): Promise<string> => on('balancer', 'sha256sum /etc/nginx/*.conf');
  const said = async (run: string, step: string): Promise<string | undefined> =>
    (await world.belay.tasks(run)).find((task) => task.step === step)?.summary;
  it('refuses a cluster of which a directory is away, before anything changes', async () => {
    const before = await running();
    await on('node2', `chroot ${root} /etc/init.d/opendj stop`);
    const { run, changed } = await carryOn(world.belay, runbook, { public_name });
    await on('node2', `chroot ${root} /etc/init.d/opendj start </dev/null >/dev/null 2>&1`);
    expect((await world.belay.run(run)).state).toBe('failed');
    expect(['failed', 'unreachable']).toContain((await world.belay.states(run))['bind.bound@node2']);
    expect(changed).toEqual([]);
    expect((await running())[0]).toEqual(before[0]);
  }, 600_000);

  it('restarts the directory and all services of each node, and every request of a client is answered meanwhile', async () => {
    const before = await running();
    const written = await configuration();
    await on('node2', `: >${noted}`);
    const { run } = await carryThrough(world.belay, runbook, {
      public_name,
      services: ['opendj', 'oxauth', 'identity', 'idp', 'passport', 'web'],
    });
    const after = await running();
    for (const [node, numbers] of before.entries())
      for (const number of numbers.split(',')) expect(after[node]?.split(',')).not.toContain(number);
    expect(await configuration()).toBe(written);
    expect(await on('node2', `ls ${noted} 2>/dev/null || echo none`)).toBe('none');
    const output = String(await world.belay.output(run, 'watched.answered', 'node1'));
    expect(output).toMatch(/^all=\d{3,}\nlost=0$/m);
    expect(await said(run, 'away.node1.counted')).toBeDefined();
    expect(await on('node1', 'ls -d /run/belay-gluu-watch 2>/dev/null || echo none')).toBe('none');
  }, 900_000);

  it('stops at the first node that does not come back, keeps it out of the balancer, and goes back', async () => {
    const written = await configuration();
    const [, other] = await running();
    await on('node1', `mv ${root}/opt/gluu/lib/stand-in.jar ${root}/opt/gluu/lib/away`);
    const { run } = await carryOn(world.belay, runbook, { public_name });
    expect((await world.belay.run(run)).standing['for']).toBe('decision');
    expect(await failures(world.belay, run)).toEqual(['restart.node1.restarted@node1']);
    expect((await running())[1]).toBe(other);
    const ask = `curl -sS -o /dev/null -w '%{http_code} ' --cacert /etc/nginx/ssl/httpd.crt --resolve ${public_name}:443:127.0.0.1`;
    expect(await on('balancer', `${ask} 'https://${public_name}/.well-known/openid-configuration?[1-20]'`)).toBe(
      Array(20).fill('200').join(' '),
    );
    expect(await on('balancer', `grep -c ' down;' /etc/nginx/nginx.conf`)).toBe('2');

    await on('node1', `mv ${root}/opt/gluu/lib/away ${root}/opt/gluu/lib/stand-in.jar`);
    await carryBack(world.belay, run);
    expect(await configuration()).toBe(written);
    expect(await on('node1', `for one in oxauth identity; do chroot ${root} /etc/init.d/$one status; done`)).toBe(
      'oxauth is running\nidentity is running',
    );
  }, 900_000);
});
