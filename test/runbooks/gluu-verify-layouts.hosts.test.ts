import { beforeAll, describe, expect, it } from 'vitest';
import { whole } from '../chaos/chance.js';
import { Proof } from '../chaos/proof.js';
import { answeredForRunning } from './answered-for.js';
import { carryBack, carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { differences, small } from './gluu-world.js';
import { cachedOn } from './other-inventory.js';
import { expectedOf, layoutsBroken, nameOf, sabotaged } from './sabotage.js';

const { layouts, ...table } = layoutsBroken;
const { public_name } = small;

describe('gluu/verify, with the cache in other layouts', () => {
  const world = setCluster('gluu-layouts', 'clustered');

  beforeAll(async () => {
    const { lab, belay, on } = world;
    // gluu/prepare did not know of the third machine, which is a cache host now and then.
    for (const host of ['node1', 'node2', 'node3', 'balancer'])
      for (const one of ['node1', 'node2', 'node3', 'balancer']) {
        const name = one === 'balancer' ? public_name : `${one}.lab.test`;
        await on(host, `getent hosts ${name} >/dev/null || echo '${lab.host(one).address} ${name}' >>/etc/hosts`);
      }
    await carryThrough(belay, 'runbooks/gluu/cache-end.yaml', { public_name, provider: 'IN_MEMORY' });
  }, 900_000);

  describe.each(layouts)('$layout', ({ layout, file, cache, inputs, batches: all }) => {
    const batches = whole ? all : all.slice(0, 1);
    const { again: _again, ...asked } = inputs;
    const proof = new Proof({
      name: file,
      title: `Checks of gluu/verify for the cache, shown red: ${layout}`,
      columns: ['what is broken', 'at', 'check that turns red', 'what it says', 'advice'],
      rows: batches.flatMap(({ rows }) => rows.flatMap(({ red }) => red)).length,
      seed: 0,
    });
    /** The run of gluu/cache that made it so. */
    let made: string;
    const start = async (more: Readonly<Record<string, unknown>> = {}): Promise<string> => {
      const wanted = { ...small, disk: '100MiB', ...asked, ...more };
      const { hash } = await world.belay.plan('runbooks/gluu/verify.yaml', wanted, cachedOn(world.lab, cache));
      return world.belay.start(hash);
    };
    const verified = async (): Promise<string[]> => {
      const run = await start();
      await world.belay.until(run, ['failed', 'succeeded'], 400);
      return (await world.belay.tasks(run)).filter(({ failure }) => failure !== undefined).map(nameOf);
    };

    it(`finds it as gluu/cache makes it, and leaves nothing of itself: ${layout}`, async () => {
      const wanted = { public_name, on_balancer: true, prove_outage: false, ...inputs };
      made = (await carryThrough(world.belay, 'runbooks/gluu/cache.yaml', wanted, cachedOn(world.lab, cache))).run;
      await world.lab.mark(file);
      expect(await verified()).toEqual([]);
      expect(answeredForRunning(await differences(world.lab, file))).toEqual([]);
      for (const host of inputs['layout'] === 'every-node' ? ['node1', 'node2'] : cache)
        expect(await world.on(host, clear(world.secret('gluu-redis')))).toBe('');
    }, 900_000);

    it.each(batches.map((batch, index) => [index + 1, batch] as const))(
      `turns red what is broken of it, and nothing else: ${layout}, batch %i`,
      async (_number, batch) => {
        const { failed, troubles } = await sabotaged(world, { ...table, batches }, batch, start);
        for (const { what, at, red } of batch.rows)
          for (const step of red) {
            const task = failed.find((one) => nameOf(one) === step);
            const { known = 'it stayed green', hints = [] } = task?.failure ?? {};
            proof.add([what, at, step, known, hints.join(' ')], 3);
          }
        expect(troubles).toEqual([]);
        expect(failed.map(nameOf).sort()).toEqual(expectedOf(batch));
        expect(failed.filter(({ failure }) => failure?.kind.startsWith('step/') && !failure.hints).map(nameOf)).toEqual(
          [],
        );
      },
      600_000,
    );

    it(`finds it well when it has been put right, and gluu/cache takes it back: ${layout}`, async () => {
      expect(await verified()).toEqual([]);
      await carryBack(world.belay, made);
    }, 900_000);
  });
});

/** Which keys of gluu/verify a Redis of a host still holds. */
const clear = (password: string): string => `REDISCLI_AUTH='${password}' redis-cli -p 6379 KEYS 'belay:verify:*'`;
