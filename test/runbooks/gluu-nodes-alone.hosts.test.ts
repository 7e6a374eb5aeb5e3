import { describe, expect, it } from 'vitest';
import { claimsOf, clientOn, codeFrom, publicName, settingsOf, tokensFrom } from '../lab/gluu-client.js';
import { answeredFor } from './answered-for.js';
import { carryBack, carryOn, carryThrough } from './carry-through.js';
import { grownInventory, installation, setCluster } from './gluu-cluster-lab.js';
import { entriesHeld, root, withoutDirectory } from './gluu-servers.js';
import { differences, failures, small } from './gluu-world.js';

const version = '3.1.6';
const here = `https://${publicName}`;
const { public_name } = small;
const runbook = (one: string): string => `runbooks/gluu/${one}.yaml`;
const verifying = { ...small, disk: '100MiB' };
const listening = `ss -Hltn | awk '{ print $4 }' | sed 's/.*://' | grep -xE '443|1636|4444|8989|16379' | sort -un | paste -sd,`;
const servers = `sed -n 's/^servers: //p' ${root}/etc/gluu/conf/ox-ldap.properties`;

describe('nodes of Gluu without a shared cache, on real servers', () => {
  const world = setCluster('gluu-nodes-alone', 'clustered');
  const { on } = world;

  /** Where a node's own directory says that sessions are kept. */
  const provider = async (node: string): Promise<unknown> => {
    const held = await entriesHeld(world.lab, node, world.secret('gluu-directory-manager'), `${node}.lab.test`);
    const [, encoded, value = ''] = /^oxCacheConfiguration:(:?) (.*)$/im.exec(held.join('\n')) ?? [];
    const json = encoded === ':' ? Buffer.from(value, 'base64').toString() : value;
    return (JSON.parse(json) as Readonly<Record<string, unknown>>)['cacheProviderType'];
  };
  /** What a node says to whoever brings a code that the same one or another has given. */
  const tokens = async (authorizing: string, giving = authorizing): Promise<Record<string, string>> => {
    const client = { oxauthClient_pw: world.secret('gluu-oxauth-client') };
    const settings = { ...(await settingsOf(world.lab, 'node1', version)), ...client };
    const person = `admin:${world.secret('gluu-oxtrust-admin')}`;
    const code = await codeFrom(clientOn(world.lab, authorizing, version), here, settings, person);
    return tokensFrom(clientOn(world.lab, giving, version), here, settings, code);
  };
  /** Signs a person in at one node alone: whom its token names, by the keys that the node publishes, and whether it takes it. */
  const signedIn = async (node: string): Promise<{ named: unknown; taken: number }> => {
    const { access_token = '', id_token = '' } = await tokens(node);
    const client = clientOn(world.lab, node, version);
    const { body } = await client.get(`${here}/oxauth/restv1/jwks`);
    const bearer = ['-H', `Authorization: Bearer ${access_token}`];
    const { status, body: person } = await client.get(`${here}/oxauth/restv1/userinfo`, ...bearer);
    return { named: claimsOf(id_token, body)?.['sub'] === (JSON.parse(person) as { sub: string }).sub, taken: status };
  };
  const sessions = async (): Promise<string> =>
    on(
      'balancer',
      `REDISCLI_AUTH='${world.secret('gluu-redis')}' redis-cli -p 6379 --scan --pattern 'session_*' | sort`,
    );
  /** What the verdict of a run of gluu/verify names. */
  const wrongIn = async (run: string): Promise<string[]> => {
    const verdict = (await world.belay.tasks(run)).find(({ step }) => step === 'verdict')?.failure?.known ?? '';
    const wrong = JSON.parse(/wrong = (\[.*\])/.exec(verdict)?.[1] ?? '["no verdict"]') as string[];
    return wrong.map((one) => one.split(':')[0] ?? '');
  };

  it('has a node that leaves the cluster sign people in by itself, and takes it in again when undone', async () => {
    const shared = await tokens('node2', 'node1');
    expect(shared).toMatchObject({ token_type: 'bearer' });
    const inputs = { public_name, node: 'node2', afterwards: 'runs' };
    const { run } = await carryThrough(world.belay, runbook('remove-node'), inputs);
    expect([await provider('node1'), await provider('node2')]).toEqual(['REDIS', 'IN_MEMORY']);
    expect(await on('node2', listening)).not.toMatch(/8989|16379/);
    expect(await on('node2', servers)).toBe('node2.lab.test:1636');
    const before = await sessions();
    await withoutDirectory(on, 'node1', async () => {
      expect(await signedIn('node2')).toEqual({ named: true, taken: 200 });
    });
    expect(await sessions()).toBe(before);
    expect(await tokens('node2', 'node1')).toEqual({ error: 'invalid_grant' });

    await carryBack(world.belay, run);
    expect([await provider('node1'), await provider('node2')]).toEqual(['REDIS', 'REDIS']);
    expect(await on('node2', `${listening}; ${servers}`)).toBe(
      '443,1636,4444,8989,16379\nnode2.lab.test:1636,node1.lab.test:1636',
    );
    expect(await tokens('node2', 'node1')).toMatchObject({ token_type: 'bearer' });
    await carryThrough(world.belay, runbook('verify'), verifying);
  }, 1_200_000);

  it('makes a host a node of a cluster without a shared cache, which misses nothing else, and gives it back', async () => {
    await carryThrough(world.belay, runbook('cache-end'), { public_name, provider: 'IN_MEMORY' });
    await world.lab.mark('without');
    const grown = grownInventory(world.lab);
    const adding = { ...installation, node: 'node3', shared_cache: false };
    const { run } = await carryThrough(world.belay, runbook('add-node'), adding);
    expect(String(await world.belay.output(run, 'watched.answered', 'node1'))).toMatch(/^lost=0$/m);
    expect(await on('node3', `${listening}; ls -d /etc/stunnel 2>/dev/null || true`)).toBe('443,1636,4444,8989');
    expect(await provider('node3')).toBe('IN_MEMORY');
    expect(await signedIn('node3')).toEqual({ named: true, taken: 200 });
    await carryThrough(world.belay, runbook('directory-status'), {}, grown);
    const { run: looked } = await carryOn(world.belay, runbook('verify'), { ...verifying, sign_in: false }, grown);
    expect(await wrongIn(looked)).toEqual(['Ways of nodes', 'Cache host', 'Cache', 'Cache shared']);
    // Of the ways it is the one to the cache that is not there.
    const ofCache = /^(cache_way|cache_host|cache|set|get|unset)\./;
    expect((await failures(world.belay, looked)).filter((one) => !ofCache.test(one))).toEqual(['verdict@node1']);

    await carryBack(world.belay, run);
    const left = answeredFor(await differences(world.lab, 'without'));
    expect(left.filter((one) => one.startsWith('node3 '))).toEqual([]);
  }, 1_800_000);
});
