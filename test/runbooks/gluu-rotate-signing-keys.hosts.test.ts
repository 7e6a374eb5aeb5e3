import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { namespaceOf } from '../../lab/network.js';
import { must } from '../../lab/program.js';
import { claimsOf, clientOn, codeFrom, publicName, settingsOf, tokensFrom } from '../lab/gluu-client.js';
import { chanceOf } from '../chaos/chance.js';
import { carryBack } from './carry-through.js';
import { oneFailure } from './failures/one-failure.js';
import { setCluster } from './gluu-cluster-lab.js';
import { changes, failures } from './gluu-world.js';
import { root } from './gluu-servers.js';
import { shortLives } from './token-lives.js';

const name = 'keys-rotation';
const runbook = 'runbooks/gluu/rotate-signing-keys.yaml';
const nodes = ['node1', 'node2'];
const here = `https://${publicName}`;
const asked = { public_name: publicName, announce_for: '1s', retire_after: '90s' };

describe('gluu/rotate-signing-keys, on a real cluster', () => {
  const world = setCluster(name, 'clustered');
  const { on } = world;
  /** What is published and in the stores before. */
  let before: string[];

  beforeAll(async () => {
    before = await state();
  });

  /** The keys that a node publishes, as it sends them. */
  const published = async (node: string): Promise<string> =>
    (await clientOn(world.lab, node, '3.1.6').get(`${here}/oxauth/restv1/jwks`)).body;
  const kids = (jwks: string): string[] => (JSON.parse(jwks) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  const state = async (): Promise<string[]> =>
    Promise.all(
      nodes.map(async (node) => {
        const store = await on(
          node,
          `cd ${root}; sha256sum etc/certs/oxauth-keys.jks; stat -c '%U:%G %a' etc/certs/oxauth-keys.jks`,
        );
        const list = await on(node, `sha256sum ${root}/install/community-edition-setup/shared.sha256`);
        return [await published(node), store, list].join('\n');
      }),
    );
  /** A token that this node signs for the administrator. */
  const token = async (node: string): Promise<string> => {
    const client = clientOn(world.lab, node, '3.1.6');
    const settings = {
      ...(await settingsOf(world.lab, node, '3.1.6')),
      oxauthClient_pw: world.secret('gluu-oxauth-client'),
    };
    const code = await codeFrom(client, here, settings, `admin:${world.secret('gluu-oxtrust-admin')}`);
    const { id_token: signed = '' } = await tokensFrom(client, here, settings, code);
    return signed;
  };
  const kidOf = (signed: string): string =>
    (JSON.parse(Buffer.from(signed.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
  /** By which nodes' published keys a token can be verified. */
  const verifiedBy = async (signed: string): Promise<string[]> => {
    const found = await Promise.all(nodes.map(async (node) => claimsOf(signed, await published(node)) && node));
    return found.filter((one) => one !== undefined);
  };
  /** Has a node turn away, or no longer turn away, whoever comes by SSH, and end what stands. */
  const unreachable = async (node: string, action: '-I' | '-D'): Promise<string> =>
    must([
      ...['ip', 'netns', 'exec', namespaceOf(name, node), 'iptables', '-w', action, 'INPUT'],
      ...['-p', 'tcp', '--dport', '22', '-j', 'REJECT', '--reject-with', 'tcp-reset'],
    ]);
  const done = async (run: string, step: string): Promise<void> => {
    for (;;) {
      const states = await world.belay.states(run);
      if (nodes.every((node) => ['ok', 'changed'].includes(states[`${step}@${node}`] ?? ''))) return;
      const { state: now, standing } = await world.belay.run(run);
      if (['paused', 'failed'].includes(now) || standing['for'] === 'decision')
        throw new Error(`${now}: ${JSON.stringify(await world.belay.tasks(run))}`);
      await sleep(1000);
    }
  };

  it.each([
    {
      it: 'old keys that would go before their tokens',
      begin: 'true',
      end: 'true',
      inputs: { ...asked, retire_after: '59m' },
      found: ['settings.lifetime@node1'],
    },
    {
      it: 'algorithms of which keys would be lost',
      begin: 'true',
      end: 'true',
      inputs: { ...asked, retire_after: '2h', algorithms: ['RS256', 'ES512'] },
      found: ['all@node1'],
    },
    {
      it: 'a node whose key store is another',
      begin: `cp -p ${root}/etc/certs/oxauth-keys.jks /root/kept; chroot ${root} /opt/jre/bin/keytool -delete -alias "$(chroot ${root} /opt/jre/bin/keytool -list -keystore /etc/certs/oxauth-keys.jks -storepass "$PASSWORD" | sed -n 's/^\\([^ ,]*es512\\),.*/\\1/p')" -keystore /etc/certs/oxauth-keys.jks -storepass "$PASSWORD"`,
      end: `mv /root/kept ${root}/etc/certs/oxauth-keys.jks`,
      inputs: { ...asked, retire_after: '2h' },
      found: ['look.published@node2'],
    },
  ])('refuses $it, before anything changes', async ({ begin, end, inputs, found }) => {
    await on('node2', `PASSWORD='${world.secret('gluu-keystore')}'; ${begin}`);
    try {
      const { hash, plan } = await world.belay.plan(runbook, inputs);
      const run = await world.belay.start(hash);
      await world.belay.until(run, ['failed'], 180);
      expect(await failures(world.belay, run)).toEqual(found);
      expect(await changes(world.belay, run, plan)).toEqual([]);
    } finally {
      await on('node2', end);
    }
  });

  it('signs with no new key as long as a node cannot be given them', async () => {
    const { hash } = await world.belay.plan(runbook, { ...asked, retire_after: '2h' });
    const run = await world.belay.start(hash);
    const { approval } = await world.belay.until(run, ['waiting'], 180);
    await world.belay.approve(run, approval?.phase ?? -1);
    await done(run, 'announced');
    await unreachable('node2', '-I');
    try {
      await expect
        .poll(async () => (await world.belay.run(run)).standing, { timeout: 400_000, interval: 2000 })
        .toMatchObject({ for: 'decision' });
      const states = await world.belay.states(run);
      expect([states['first_store.store.copied@node1'], states['switch.keys@node1']]).toEqual(['changed', 'pending']);
      expect(before[0]).toContain(kidOf(await token('node1')));
    } finally {
      await unreachable('node2', '-D');
    }
    await carryBack(world.belay, run);
    expect(await state()).toEqual(before);
  }, 900_000);

  it('goes back whole by itself where a step fails, whichever it is', async () => {
    const inputs = { ...asked, retire_after: '2h' };
    const { place, ...found } = await oneFailure(world, { runbook, inputs }, chanceOf('a rotation that fails'));
    expect(found).toEqual({ failed: [`${place.step}@${place.host}`], state: 'undone', otherwise: [] });
    expect(await state()).toEqual(before);
  }, 900_000);

  it('has every token verified throughout, retires the old keys, and goes back to them', async () => {
    await on('node1', shortLives(world.secret('gluu-directory-manager'), 60));
    const old = await token('node1');
    const oldKids = kids(await published('node1'));
    const { hash } = await world.belay.plan(runbook, asked);
    const run = await world.belay.start(hash);
    const { approval } = await world.belay.until(run, ['waiting'], 180);
    await world.belay.approve(run, approval?.phase ?? -1);

    await done(run, 'switched');
    expect(await verifiedBy(old)).toEqual(nodes);
    const fresh = await Promise.all(nodes.map(token));
    for (const one of fresh) {
      expect(oldKids).not.toContain(kidOf(one));
      expect(await verifiedBy(one)).toEqual(nodes);
    }
    const both = kids(await published('node2'));
    expect(both.slice(both.length / 2)).toEqual(oldKids);

    await world.belay.until(run, ['succeeded'], 300);
    expect(kids(await published('node1'))).toEqual(both.slice(0, both.length / 2));
    expect(await published('node2')).toBe(await published('node1'));
    expect([await verifiedBy(old), await verifiedBy(fresh[0] ?? '')]).toEqual([[], nodes]);
    const stores = await state();
    expect(stores[1]).toBe(stores[0]);
    expect(
      await on(
        'node1',
        `cd ${root}/install/community-edition-setup; cd ${root}; sha256sum --check --quiet install/community-edition-setup/shared.sha256; ls -d var/lib/signing-keys 2>&1 || true`,
      ),
    ).toContain('No such file');

    await carryBack(world.belay, run);
    expect(await state()).toEqual(before);
    expect(kidOf(await token('node2'))).toBe(kidOf(old));
    expect(await verifiedBy(old)).toEqual(nodes);
  }, 1_500_000);
});
