// cspell:ignore maint
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { carryBack, carryOn, carryThrough, goOn, tryAgain } from './carry-through.js';
import { managementOf, wrong, type Management } from './foreign-balancer.js';
import { setForeignCluster } from './foreign-cluster.js';
import { grownInventory, installation } from './gluu-cluster-lab.js';
import { failures, small } from './gluu-world.js';

const { public_name } = small;
const restart = 'runbooks/gluu/restart.yaml';
const token = 'of-the-management-of-the-balancer';
/** Processes of Gluu's applications, by number: a restarted one has another. */
const processes = `pgrep -f 'stand-in[.]jar' | sort | paste -sd,`;

describe('a cluster behind a balancer of another make', () => {
  const world = setForeignCluster('foreign');
  const { on, client, asked } = world;
  let management: Management;

  beforeAll(async () => {
    await world.belay.keepSecret('gluu-balancer-token', token);
    management = await managementOf(world.lab, world.balancer, token);
  }, 300_000);
  beforeEach(() => {
    management.asked.length = 0;
  });
  // Whatever undo asks of it then, it does.
  afterEach(() => {
    management.mood = 'obeys';
  });
  afterAll(async () => management?.close());

  const running = async (): Promise<string[]> =>
    Promise.all(['node1', 'node2'].map(async (node) => on(node, processes)));
  const asking = (method: string): Record<string, unknown> => ({
    public_name,
    balancer: 'request',
    method,
    out_url: management.url,
    out_body: '{"state":"drain"}',
    in_url: management.url,
    in_body: '{"state":"ready"}',
    balancer_authority: management.authority,
  });
  /** Which nodes answer, by how many of some requests reached each of them. */
  const served = async (): Promise<boolean[]> => {
    const word = `served-${String(Date.now())}`;
    for (let one = 0; one < 8; one++) await client.ask(`/.well-known/openid-configuration?${word}`);
    const seen = `sleep 1; cat /opt/gluu-server-3.1.6/var/log/apache2/*access*log | grep -c ${word} || true`;
    return Promise.all(['node1', 'node2'].map(async (node) => (await on(node, seen)) !== '0'));
  };

  it('is told what it must do, and is found out in whatever it does not, until it does all of it', async () => {
    await world.balancer.works(wrong);
    const { run } = await carryOn(world.belay, 'runbooks/gluu/balancer.yaml', { public_name, balancer: 'other' });
    for (const [index, { what, red }] of wrong.entries()) {
      expect([what, await failures(world.belay, run)]).toEqual([what, [red]]);
      await world.balancer.works(wrong.slice(index + 1));
      await tryAgain(world.belay, run);
      await goOn(world.belay, run);
    }
    expect((await world.belay.run(run)).state).toBe('succeeded');
    const told = (await world.belay.tasks(run)).filter(({ step }) => step.startsWith('needed'));
    const told443 = ['node1', 'node2'].map((node) => `${world.lab.host(node).address}:443`).join(', ');
    for (const said of [told443, 'send 80 to https', 'TLS 1.2 or newer', 'pass on no other name', 'try another node'])
      expect(JSON.stringify(told)).toContain(said);
    expect(await served()).toEqual([true, true]);
  }, 900_000);

  it('does not let a node be touched whose drain fails, or is said to have been done and was not, and gets it back', async () => {
    const before = await running();
    management.mood = 'fails';
    const { run } = await carryOn(world.belay, restart, asking('POST'));
    expect(await failures(world.belay, run)).toEqual(['asked_out.node1.post@node1']);
    management.mood = 'lies';
    await tryAgain(world.belay, run);
    await goOn(world.belay, run);
    expect(await failures(world.belay, run)).toEqual(['away.node1.counted@node1']);
    expect(await running()).toEqual(before);
    management.mood = 'obeys';
    management.asked.length = 0;
    await carryBack(world.belay, run);
    expect(management.asked).toEqual(['POST node1 ready']);
    expect(await running()).toEqual(before);
    expect(await served()).toEqual([true, true]);
  }, 600_000);

  it.each(['POST', 'PUT', 'PATCH'])(
    'takes nodes out by a %s, one after another, and no request of a client is lost while they restart',
    async (method) => {
      const before = await running();
      await client.begin();
      const { run } = await carryThrough(world.belay, restart, asking(method));
      expect(await client.lost()).toEqual([]);
      const each = ['node1 drain', 'node1 ready', 'node2 drain', 'node2 ready'];
      expect(management.asked).toEqual(each.map((one) => `${method} ${one}`));
      for (const [node, numbers] of (await running()).entries())
        for (const number of numbers.split(',')) expect(before[node]?.split(',')).not.toContain(number);
      expect(String(await world.belay.output(run, 'watched.answered', 'node1'))).toMatch(/^all=\d{3,}\nlost=0$/m);
      expect(JSON.stringify(await world.belay.tasks(run))).not.toContain(token);
    },
    900_000,
  );

  it('has people take a node out, and does not believe them until no request reaches it', async () => {
    const before = await running();
    await client.begin();
    const { hash } = await world.belay.plan(restart, { public_name, balancer: 'people', only: ['node2'] });
    const run = await world.belay.start(hash);
    await asked(run, /^Restart .* on node2,/);
    await asked(run, /^Take node2 \([\d.]+\) out of the balancer now/);
    expect(await failures(world.belay, run)).toEqual(['people_away.node2.counted@node2']);
    expect(await running()).toEqual(before);
    await world.balancer.set('node2', 'drain');
    await tryAgain(world.belay, run);
    await asked(run, /^node2 has restarted and is healthy\. Put it back/, async () =>
      world.balancer.set('node2', 'ready'),
    );
    expect((await world.belay.run(run)).state).toBe('succeeded');
    expect(await client.lost()).toEqual([]);
    const after = await running();
    expect(after[0]).toBe(before[0]);
    for (const number of (after[1] ?? '').split(',')) expect(before[1]?.split(',')).not.toContain(number);
  }, 900_000);

  it('is told of a node that comes and of one that goes, and loses no request of a client', async () => {
    await client.begin();
    const adding = { ...installation, node: 'node3', balancer: 'other' };
    const comes = await world.belay.start((await world.belay.plan('runbooks/gluu/add-node.yaml', adding)).hash);
    expect(await goOn(world.belay, comes, /Put it into your balancer now/)).toBe('waiting');
    await asked(comes, /^node3 .* is ready\. Put it into your balancer now/, async () =>
      world.balancer.set('node3', 'ready'),
    );
    expect((await world.belay.run(comes)).state).toBe('succeeded');

    const away = { public_name, node: 'node3', afterwards: 'stopped', balancer: 'other' };
    const plan = await world.belay.plan('runbooks/gluu/remove-node.yaml', away, grownInventory(world.lab));
    const goes = await world.belay.start(plan.hash);
    await asked(goes, /Take it out of your balancer NOW, before you approve/);
    expect(await failures(world.belay, goes)).toEqual(['away.counted@node3']);
    await world.balancer.set('node3', 'maint');
    await tryAgain(world.belay, goes);
    expect(await goOn(world.belay, goes)).toBe('succeeded');
    expect(await client.lost()).toEqual([]);
    expect(await served()).toEqual([true, true]);
  }, 1_200_000);

  it('serves on while every password changes, and is left alone', async () => {
    await client.begin();
    const { run } = await carryThrough(world.belay, 'runbooks/gluu/change-passwords.yaml', {
      public_name,
      balancer: 'other',
    });
    expect(await client.lost()).toEqual([]);
    expect((await world.belay.tasks(run)).some(({ step }) => /^(out|in_turn)\./.test(step))).toBe(false);
    await world.verified();
  }, 1_200_000);
});
