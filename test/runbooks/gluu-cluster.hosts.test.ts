import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answeredFor, carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { changes, differences, failures } from './gluu-world.js';
import { listenOnWire } from './wire.js';

const name = 'gluu-cluster';
const runbook = 'runbooks/gluu/cluster.yaml';
const asked = { memory: '256MiB', disk: '1GiB', on_balancer: true };
/** What every request and every entry of a directory names. */
const inTheClear = ['o=gluu', 'o=site', 'ou=people', 'cn=directory manager', 'oxCacheConfiguration'];

describe('gluu/cluster, on real hosts', () => {
  const world = setCluster(name, 'bare');

  const on = async (host: string, script: string): Promise<string> => {
    const { stdout, stderr, code } = await world.lab.exec(host, ['bash', '-euc', script]);
    if (code !== 0) throw new Error(`${host}: ${stderr}`);
    return stdout.trim();
  };
  /** Says something between two nodes that everybody on the way can read. */
  const sayInTheClear = async (words: string): Promise<void> => {
    const listen = `perl -MIO::Socket::INET -e '
      my $door = IO::Socket::INET->new(LocalPort => 8999, Listen => 1, ReuseAddr => 1) or die; my $one = $door->accept; <$one>'`;
    const said = on('node2', listen);
    await on('node1', `until echo '${words}' >/dev/tcp/node2.lab.test/8999; do sleep 0.2; done 2>/dev/null`);
    await said;
  };

  it.each([
    { it: 'a cache on the balancer', inputs: { ...asked, on_balancer: false }, found: ['place@node1'] },
    { it: 'too small a disk', inputs: { ...asked, disk: '900TiB' }, found: ['node.disk@node1', 'node.disk@node2'] },
  ])('refuses $it before anything changes', async ({ inputs, found }) => {
    const { hash, plan } = await world.belay.plan(runbook, inputs);
    const run = await world.belay.start(hash);
    await world.belay.until(run, ['failed'], 180);
    expect((await failures(world.belay, run)).sort()).toEqual(found);
    expect(await changes(world.belay, run, plan)).toEqual([]);
  });

  it('makes a cluster of bare hosts, of whose directory nothing goes over the wire in the clear, and takes it back', async () => {
    await world.lab.mark('before');
    const wire = await listenOnWire(name, [1636, 4444, 8989, 8999], join(world.lab.folder, 'wire'));
    const made = await carryThrough(world.belay, runbook, asked);
    await sayInTheClear('dn: o=gluu');
    const heard = await wire.heard('dn: o=gluu');
    expect(heard.length).toBeGreaterThan(100_000);
    expect(inTheClear.map((one) => [one, count(heard, one)])).toEqual(
      inTheClear.map((one) => [one, one === 'o=gluu' ? 1 : 0]),
    );

    const ask = 'curl -sS --fail --cacert /etc/nginx/ssl/httpd.crt --resolve login.lab.test:443:127.0.0.1';
    const discovery = await on('balancer', `${ask} https://login.lab.test/.well-known/openid-configuration`);
    expect(JSON.parse(discovery)).toMatchObject({ issuer: 'https://login.lab.test' });

    await world.belay.say(made.run, 'undo');
    await world.belay.until(made.run, ['undone'], 1200);
    expect(answeredFor(await differences(world.lab, 'before'))).toEqual([]);
  }, 2_400_000);
});

function count(bytes: Buffer, words: string): number {
  let found = 0;
  for (let at = bytes.indexOf(words); at >= 0; at = bytes.indexOf(words, at + 1)) found++;
  return found;
}
