import { afterEach, beforeAll, expect } from 'vitest';
import type { RunAnswer } from '../../model/answers.js';
import { carryThrough, clearUp } from './carry-through.js';
import { clientAt, type Client } from './client.js';
import { foreignBalancer, trusted, type ForeignBalancer, type News } from './foreign-balancer.js';
import { setCluster, type ClusterStage } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { small } from './gluu-world.js';

/** A cluster behind a balancer of another make, with a client of it, for the tests of one `describe`. */
export interface ForeignCluster extends ClusterStage {
  readonly balancer: ForeignBalancer;
  /** Trusts what the balancer knows nodes by. */
  readonly client: Client;
  /** The pair of the first node's web server, as somebody carries it to the balancer, which is to know the nodes by it, too. */
  pair(): Promise<Required<Pick<News, 'shows' | 'trusts'>>>;
  /**
   * Waits until a run asks for something, does what is to be done, and says that it is.
   * @returns the run when it waits for the next thing or has ended
   */
  asked(run: string, asks: RegExp, then?: () => Promise<void>): Promise<RunAnswer>;
  /** Has gluu/verify look at it. @throws where something is not as it must be */
  verified(inputs?: object, inventory?: string): Promise<void>;
}

/** Sets such a cluster; a test that goes wrong leaves the next one what it would have left if it had gone well. */
export function setForeignCluster(name: string): ForeignCluster {
  const world = setCluster(name, 'clustered');
  const client = clientAt(world, 'balancer', { trusts: trusted });
  const cluster = Object.assign(world, {
    client,
    async pair() {
      const [trusts, key] = await Promise.all(
        ['crt', 'key'].map(async (one) => `${await world.on('node1', `cat ${root}/etc/certs/httpd.${one}`)}\n`),
      );
      return { trusts: trusts ?? '', shows: `${trusts ?? ''}${key ?? ''}` };
    },
    async asked(run: string, asks: RegExp, then?: () => Promise<void>) {
      const approval = async (): Promise<RunAnswer['approval']> => (await world.belay.run(run)).approval;
      await expect.poll(async () => (await approval())?.ask, { timeout: 240_000 }).toMatch(asks);
      await then?.();
      const phase = (await approval())?.phase ?? -1;
      await world.belay.approve(run, phase);
      await expect.poll(async () => (await approval())?.phase, { timeout: 30_000 }).not.toBe(phase);
      return world.belay.until(run, ['waiting', 'succeeded'], 600);
    },
    async verified(inputs: object = {}, inventory?: string) {
      const asked = { ...small, disk: '100MiB', balancer: 'other', ...inputs };
      await carryThrough(world.belay, 'runbooks/gluu/verify.yaml', asked, inventory);
    },
  }) as ForeignCluster;
  beforeAll(async () => {
    Object.assign(world, { balancer: await foreignBalancer(world) });
    await cluster.balancer.works([]);
  }, 300_000);
  afterEach(async () => {
    await client.end();
    await cluster.balancer.works([]);
    await clearUp(world.belay);
    await cluster.balancer.told({ name: small.public_name, addresses: {}, ...(await cluster.pair()) });
  }, 900_000);
  return cluster;
}
