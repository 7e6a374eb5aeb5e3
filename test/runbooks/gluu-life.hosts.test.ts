import { loadavg } from 'node:os';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { chanceOf } from '../chaos/chance.js';
import { clientOn, publicName } from '../lab/gluu-client.js';
import { answeredFor } from './answered-for.js';
import { carryBack, carryThrough } from './carry-through.js';
import { clientAt } from './client.js';
import { oneFailure } from './failures/one-failure.js';
import { grownInventory, installation, setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { differences, small, smallPrograms } from './gluu-world.js';
import { shortLives } from './token-lives.js';

const { public_name } = small;
/** Chooses where a rotation fails: the same step each time, so that what turns red is what was changed. */
const usual = 1458934446;
/** How long tokens live here, in seconds, so that a rotation need not wait for hours until the last of before has ended. */
const tokensLive = 5;

// What each runbook does at its edges is in a test of its own; here one cluster goes all the way, each part from what the
// one before has left. So a part that ends badly is not tried again, and none comes after it.
describe('one cluster of two nodes, from bare hosts to bare hosts', { retry: 0 }, () => {
  const world = setCluster('gluu-life', 'bare');
  const { on } = world;
  const client = clientAt(world, 'balancer');
  /** The inventory in which the spare host is a node. */
  let grown: string;
  /** The keys that the cluster was made with. */
  let firstKeys: string[];
  let broken = false;
  const runs: Record<string, string> = {};
  const began = performance.now();

  beforeAll(() => {
    grown = grownInventory(world.lab);
    took('the lab', began);
  });

  beforeEach(({ skip, onTestFailed }) => {
    if (broken) skip('a part before it has failed');
    onTestFailed(() => {
      broken = true;
    });
  });

  /** Says on the terminal how long a part took, and how busy the machine was. */
  const took = (part: string, since: number): void => {
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    process.stderr.write(`life: ${part}: ${seconds} s, load ${loadavg()[0]?.toFixed(1) ?? ''}\n`);
  };
  const run = async (runbook: string, inputs: object, inventory?: string): Promise<string> => {
    const since = performance.now();
    const { run: done } = await carryThrough(world.belay, `runbooks/gluu/${runbook}.yaml`, { ...inputs }, inventory);
    took(runbook, since);
    return (runs[runbook] = done);
  };
  const goBack = async (runbook: string): Promise<void> => {
    const since = performance.now();
    await carryBack(world.belay, runs[runbook] ?? '');
    took(`undo of ${runbook}`, since);
  };
  const verify = async (inventory?: string): Promise<string> => run('verify', { ...small, disk: '100MiB' }, inventory);
  const keys = async (node: string): Promise<string[]> => {
    const { body } = await clientOn(world.lab, node, '3.1.6').get(`https://${publicName}/oxauth/restv1/jwks`);
    return (JSON.parse(body) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  };
  const nodes = async (): Promise<string[]> => (await client.ask('/cluster-nodes')).match(/node\d/g) ?? [];
  const replicates = `grep -q '^ds-cfg-replication-server: node3' ${root}/opt/opendj/config/config.ldif && echo yes || echo no`;

  it('is made, and is as it must be', async () => {
    const { memory, disk } = small;
    // Clocks, outages and equal files are proven by the cluster's own test.
    const less = { clock: 'compare', prove_outage: false, file_sync: false };
    await run('cluster', { ...smallPrograms, memory, disk, on_balancer: true, ...less });
    await verify();
    expect(await nodes()).toEqual(['node1', 'node2']);
    await client.begin();
  }, 1_200_000);

  it('goes back whole by itself where a step of a rotation fails', async () => {
    const since = performance.now();
    const inputs = { public_name, announce_for: '1s', retire_after: '2h' };
    const rotation = { runbook: 'runbooks/gluu/rotate-signing-keys.yaml', inputs };
    const { place, ...found } = await oneFailure(world, rotation, chanceOf('a life', usual));
    took(`a rotation that fails at ${place.step}`, since);
    expect(found).toEqual({ failed: [`${place.step}@${place.host}`], state: 'undone', otherwise: [] });
    expect(await client.lost()).toEqual([]);
  }, 600_000);

  it('signs with new keys, alike on both nodes', async () => {
    await on('node1', shortLives(world.secret('gluu-directory-manager'), tokensLive));
    firstKeys = await keys('node1');
    const waits = { announce_for: '1s', retire_after: `${String(tokensLive)}s` };
    await run('rotate-signing-keys', { public_name, ...waits });
    const now = await keys('node1');
    expect(now).toHaveLength(firstKeys.length);
    expect(now.filter((one) => firstKeys.includes(one))).toEqual([]);
    expect(await keys('node2')).toEqual(now);
    expect(await client.lost()).toEqual([]);
  }, 600_000);

  it('restarts under the eyes of a client', async () => {
    await world.belay.keepSecret('gluu-balancer-token', 'of-no-balancer');
    const process = `pgrep -f 'stand-in[.]jar oxauth'`;
    const former = await on('node2', process);
    await run('restart', { public_name });
    expect(await on('node2', process)).not.toBe(former);
    expect(await client.lost()).toEqual([]);
  }, 600_000);

  it('gets a third node', async () => {
    await run('add-node', { ...installation, node: 'node3' });
    expect([await nodes(), await on('node1', replicates)]).toEqual([['node1', 'node2', 'node3'], 'yes']);
    await verify(grown);
    expect(await keys('node3')).toEqual(await keys('node1'));
    expect(await client.lost()).toEqual([]);
  }, 900_000);

  it('gives it up', async () => {
    await run('remove-node', { public_name, node: 'node3' }, grown);
    expect([await nodes(), await on('node1', replicates)]).toEqual([['node1', 'node2'], 'no']);
    await verify();
    expect(await client.lost()).toEqual([]);
  }, 600_000);

  it('goes back to what it was made as, the newest first', async () => {
    await goBack('remove-node');
    expect(await nodes()).toEqual(['node1', 'node2', 'node3']);
    await goBack('add-node');
    await goBack('rotate-signing-keys');
    expect(await keys('node2')).toEqual(firstKeys);
    expect(await nodes()).toEqual(['node1', 'node2']);
    expect(await client.lost()).toEqual([]);
    await client.end();
  }, 900_000);

  it('goes back to bare hosts', async () => {
    await goBack('cluster');
    expect(answeredFor(await differences(world.lab, 'bare'))).toEqual([]);
    took('all of it', began);
  }, 900_000);
});
