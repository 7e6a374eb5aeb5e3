import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { clientOn } from '../lab/gluu-client.js';
import { moving } from './another-address.js';
import { carryBack, goOn, tryAgain } from './carry-through.js';
import { clientAt } from './client.js';
import { trusted } from './foreign-balancer.js';
import { setForeignCluster } from './foreign-cluster.js';
import { entriesHeld } from './gluu-servers.js';
import { failures, small } from './gluu-world.js';
import { renamedInventory } from './other-inventory.js';
import { shortLives } from './token-lives.js';
import { givenPair, issuerAt, shownBy, webPairs } from './web-pairs.js';

const { public_name } = small;
const nodes = ['node1', 'node2'];
const other = 'sign-in.lab.test';
/** A balancer that leaves a node which has failed out for longer than the next one takes to go. */
const slow = { text: 'check inter 10s', instead: 'check inter 20s' };

describe('changes of a cluster behind a balancer of another make', () => {
  const world = setForeignCluster('foreign-changes');
  const { on, client, asked } = world;
  const moves = moving(world, [...nodes, 'balancer']);

  beforeAll(async () => {
    await on('node1', webPairs);
    await on('node1', shortLives(world.secret('gluu-directory-manager'), 20));
    for (const host of [...nodes, 'balancer'])
      await on(host, `echo '${world.lab.host('balancer').address} ${other}' >>/etc/hosts`);
  });
  afterEach(moves.takenBack, 60_000);

  /** Begins a run that has to do with another balancer than nginx. */
  const begun = async (runbook: string, inputs: object, inventory?: string): Promise<string> => {
    const { hash } = await world.belay.plan(
      `runbooks/gluu/${runbook}.yaml`,
      { public_name, balancer: 'other', ...inputs },
      inventory,
    );
    return world.belay.start(hash);
  };
  /** Which keys are published, by each node and by the balancer. */
  const published = async (): Promise<string[]> => {
    const kids = (jwks: string): string =>
      (JSON.parse(jwks) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid).join();
    const url = `https://${public_name}/oxauth/restv1/jwks`;
    const bodies = nodes.map(async (node) => (await clientOn(world.lab, node, '3.1.6').get(url)).body);
    return (await Promise.all([...bodies, client.ask('/oxauth/restv1/jwks')])).map(kids);
  };
  const held = async (node: string): Promise<string[]> =>
    entriesHeld(world.lab, node, world.secret('gluu-directory-manager'), `${node}.lab.test`);
  /** When a step of a run began on its first host, by the clock that the client writes down. */
  const began = async (run: string, step: string): Promise<string> => {
    const found = (await world.belay.events(run)).find(
      ({ kind, data }) => kind === 'step-started' && data['step'] === step,
    );
    return found?.at.slice(11, 19) ?? `${step} never began`;
  };

  it('gives it other signing keys, waits until it has found each node again, however long that takes, and loses no request', async () => {
    await world.balancer.works([{ ...slow, what: 'looks only now and then whether a node is back', red: '' }]);
    const before = await published();
    expect(new Set(before).size).toBe(1);
    await client.begin();
    const run = await begun('rotate-signing-keys', { announce_for: '1s', retire_after: '20s' });
    expect(await goOn(world.belay, run)).toBe('succeeded');
    expect(await client.lost()).toEqual([]);
    const after = await published();
    expect(new Set(after).size).toBe(1);
    for (const kid of after[0]!.split(',')) expect(before[0]).not.toContain(kid);
    expect(await world.balancer.leftAlone()).toBe(true);
    await world.verified();
  }, 1_200_000);

  it('has it trust another web certificate and show it, believes neither before it is so, loses no request, and goes back', async () => {
    const [former, pair] = [await shownBy(world), await world.pair()];
    await client.begin();
    const run = await begun('replace-web-certificate', givenPair);
    await asked(run, /^Have 2 nodes and the balancer show the certificate of \/root\/web\/new\.crt/);
    await asked(run, /^Have your balancer take a node for one that shows the former certificate OR the new one, now/);
    expect(await failures(world.belay, run)).toEqual(['takes.node1.counted@node1']);
    expect(await world.balancer.leftAlone()).toBe(true);
    await world.balancer.told({ trusts: `${pair.trusts}${await on('node1', 'cat /root/web/ca.crt')}\n` });
    await tryAgain(world.belay, run);
    expect(await goOn(world.belay, run, /Give your balancer the same pair now/)).toBe('waiting');
    expect(await shownBy(world)).toEqual([expect.not.stringContaining(former[0]!), expect.anything(), former[2]]);
    await asked(run, /^All nodes show the new certificate\. Give your balancer the same pair now/);
    expect(await failures(world.belay, run)).toEqual(nodes.map((node) => `seen@${node}`));
    expect(await world.balancer.leftAlone()).toBe(true);
    await world.balancer.told({ shows: (await world.pair()).shows });
    await tryAgain(world.belay, run);
    expect(await goOn(world.belay, run)).toBe('succeeded');
    expect(await client.lost()).toEqual([]);
    const next = await shownBy(world);
    expect(new Set(next).size).toBe(1);
    expect(next).not.toEqual(former);
    expect(await issuerAt(world)).toContain('Some authority');
    await world.verified();

    await carryBack(world.belay, run);
    expect(await client.lost()).toEqual([]);
    expect(await shownBy(world)).toEqual([former[0], former[1], next[2]]);
    expect(await world.balancer.leftAlone()).toBe(true);
    await world.balancer.told(await world.pair());
    expect(await shownBy(world)).toEqual(former);
  }, 1_800_000);

  it('gives it another public name, loses requests from when nodes restart until it has the name and none later, and goes back', async () => {
    const [entries, file] = [await held('node2'), renamedInventory(world.lab, other)];
    const names = { public_name: other, former_name: public_name };
    await client.begin();
    const run = await begun('change-public-name', names, file);
    await asked(
      run,
      /until all have, and your balancer has name and certificate, for which you are asked, requests FAIL/,
    );
    const lost = await client.lost();
    expect(lost).not.toEqual([]);
    expect(lost[0]! >= (await began(run, 'taken_up.restarted'))).toBe(true);
    await asked(run, new RegExp(`^The nodes are ${other}\\. Give your balancer that name and the pair`));
    expect(await failures(world.belay, run)).toEqual(['seen.issuer@node1']);
    expect(await world.balancer.leftAlone()).toBe(true);
    await client.end();
    await world.balancer.told({ name: other, ...(await world.pair()) });
    const renamed = clientAt(world, 'balancer', { name: other, trusts: trusted });
    await renamed.begin();
    await tryAgain(world.belay, run);
    expect(await goOn(world.belay, run)).toBe('succeeded');
    expect(await renamed.ask('/.well-known/openid-configuration')).toContain(`"https://${other}"`);
    await expect(client.ask('/.well-known/openid-configuration')).rejects.toThrow();
    await world.verified({ public_name: other }, file);
    expect(await renamed.lost()).toEqual([]);
    await renamed.end();

    await carryBack(world.belay, run);
    expect(await world.balancer.leftAlone()).toBe(true);
    await world.balancer.told({ name: public_name, ...(await world.pair()) });
    expect(await held('node2')).toEqual(entries);
    await client.begin();
    expect(await client.lost()).toEqual([]);
  }, 1_800_000);

  it('tells it another address of a node, does not believe that it has taken that up, loses no request, and goes back', async () => {
    const [former, address] = [world.lab.host('node2').address, await moves.given('node2')];
    const file = moves.inventory('node2', address);
    await moves.comesFrom('node2', address, former);
    const entries = await held('node1');
    await client.begin();
    const run = await begun('change-address', { host: 'node2', former }, file);
    await asked(run, /^Have the cluster know node2 .* if you take it out of your balancer NOW/, async () =>
      world.balancer.set('node2', 'drain'),
    );
    expect(await world.balancer.leftAlone()).toBe(true);
    const now = new RegExp(
      `^node2 is ready\\. Have your balancer send it requests at ${address} now, and no more at ${former}`,
    );
    await asked(run, now);
    expect(await failures(world.belay, run)).toEqual(['sent.counted@node2']);
    // Back, and where it was before.
    await world.balancer.set('node2', 'ready');
    await tryAgain(world.belay, run);
    await goOn(world.belay, run);
    expect(await failures(world.belay, run)).toEqual(['former.seen@node2']);
    await world.balancer.told({ addresses: { node2: address } });
    await tryAgain(world.belay, run);
    expect(await goOn(world.belay, run)).toBe('succeeded');
    expect(await client.lost()).toEqual([]);
    const listened = `ss -Hltn | awk '{ print $4 }' | grep -cE '^(\\[::ffff:)?${address}]?:(1636|4444)$'`;
    expect(await on('node2', listened)).toBe('2');
    await world.verified({}, file);

    await carryBack(world.belay, run);
    expect(await world.balancer.leftAlone()).toBe(true);
    await world.balancer.told({ addresses: {} });
    await moves.comesFrom('node2', former, address);
    expect(await held('node1')).toEqual(entries);
    await world.verified();
    expect(await client.lost()).toEqual([]);
  }, 1_800_000);
});
