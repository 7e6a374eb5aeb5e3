import { describe, expect, it } from 'vitest';
import { carryBack, carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';

const name = 'keys-renew';
const runbook = 'runbooks/gluu/renew-certificates.yaml';
const asked = { public_name: 'login.lab.test' };
/** Ten minutes less than the certificates are made for: those of the checkpoint are older. */
const soon = { ...asked, within: '525590m' };

describe('gluu/renew-certificates, on a real cluster', () => {
  const world = setCluster(name, 'clustered');
  const { on } = world;

  /** The certificates that the servers show: the directories' of both nodes, and the tunnel's. */
  const shown = async (): Promise<string[]> =>
    Promise.all(
      [
        ['node1', 1636],
        ['node2', 1636],
        ['balancer', 16379],
      ].map(async ([host, port]) =>
        on(
          'node1',
          `openssl s_client -connect ${world.lab.host(String(host)).address}:${port} </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
        ),
      ),
    );
  const files = async (): Promise<string[]> => [
    ...(await Promise.all(
      ['node1', 'node2'].map(async (node) =>
        on(node, `cd ${root}/opt/opendj/config; sha256sum cluster.*; stat -c '%n %u:%g %a' cluster.*`),
      ),
    )),
    await on('balancer', 'cd /etc/stunnel; sha256sum redis-server.*; stat -c "%n %u:%g %a" redis-server.*'),
  ];

  it('leaves alone what lasts', async () => {
    const before = await files();
    expect((await carryThrough(world.belay, runbook, asked)).changed).toEqual([]);
    expect(await files()).toEqual(before);
  }, 600_000);

  it('renews what ends soon, names the web servers’ and applications’ that it leaves, and goes back', async () => {
    const [before, former] = [await files(), await shown()];
    const { hash } = await world.belay.plan(runbook, soon);
    const run = await world.belay.start(hash);
    const { approval } = await world.belay.until(run, ['waiting'], 180);
    await world.belay.approve(run, approval?.phase ?? -1);
    await world.belay.until(run, ['failed'], 600);
    const states = await world.belay.states(run);
    expect(Object.keys(states).filter((one) => states[one] === 'failed')).toEqual(['web@node1']);
    const said = (await world.belay.tasks(run)).find(({ step }) => step === 'web')?.failure?.hints ?? [];
    expect(said.map((hint) => /gluu\/[a-z-]+/.exec(hint)?.[0])).toEqual([
      'gluu/replace-web-certificate',
      'gluu/certificates',
    ]);
    const next = await shown();
    for (const [index, one] of next.entries()) expect(one, String(index)).not.toBe(former[index]);

    await carryBack(world.belay, run);
    expect(await shown()).toEqual(former);
    expect(await files()).toEqual(before);
  }, 1_200_000);
});
