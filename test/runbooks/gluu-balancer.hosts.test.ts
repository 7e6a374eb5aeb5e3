import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answeredFor } from './answered-for.js';
import { carryBack } from './carry-through.js';
import { differences, pair } from './gluu-world.js';
import { runbookLab, type RunbookLab } from './runbook-lab.js';
import { standInNodes } from './stand-in-nodes.js';

describe('gluu/balancer, on real hosts', () => {
  let world: RunbookLab;

  beforeAll(async () => {
    const node = { preinstalled: ['nginx', 'curl'] };
    const hosts = { node1: node, node2: node, balancer: { fqdn: 'login.lab.test' } };
    const description = pair({ hosts, packages: ['nginx', 'curl'] });
    world = await runbookLab({ name: 'gluu-web', description }, 'runbooks/gluu/balancer.yaml', {
      public_name: 'login.lab.test',
    });
    await standInNodes(world.lab, ['node1', 'node2'], 'login.lab.test');
  }, 600_000);
  afterAll(async () => world?.end(), 120_000);

  /** What twenty requests of the balancer's own client are answered. */
  const twenty = async (path: string): Promise<string[]> => {
    const ask = `curl -sS --cacert /etc/nginx/ssl/httpd.crt --resolve login.lab.test:443:127.0.0.1`;
    const all = await world.on('balancer', `for i in $(seq 20); do ${ask} https://login.lab.test${path}; echo; done`);
    return all.split('\n');
  };
  /** Which nodes answer them, and how. */
  const answers = async (path: string): Promise<string[]> => [...new Set(await twenty(path))].sort();
  /** What a client on a node is answered by the balancer, and with which status. */
  const asks = async (node: string, path: string, words = ''): Promise<string> =>
    world.on(
      node,
      `curl -sS -w ' %{http_code}' --cacert /etc/certs/httpd.crt --resolve login.lab.test:443:${world.lab.host('balancer').address} ${words} https://login.lab.test${path}`,
    );
  /** How often each node has been sent a request, by its log. */
  const sent = async (request: string): Promise<string[]> =>
    Promise.all(
      ['node1', 'node2'].map(async (node) =>
        world.on(node, `grep -cF '"${request} ' /var/log/nginx/access.log || true`),
      ),
    );

  it('refuses nodes that show different certificates, before anything changes', async () => {
    await world.lab.mark('wrong');
    await world.on('node2', 'cp /etc/certs/httpd.crt /root/kept');
    await world.on(
      'node2',
      `cd /etc/certs; openssl req -x509 -key httpd.key -days 9 -subj /CN=login.lab.test -addext subjectAltName=DNS:login.lab.test -out httpd.crt; service nginx reload`,
    );
    const outcome = await world.refused();
    await world.on('node2', 'mv /root/kept /etc/certs/httpd.crt; service nginx reload');
    expect(outcome).toEqual({ failed: ['same_certificate@node1'], changed: [] });
  });

  it('refuses a public name that is not the balancer’s', async () => {
    const { failed } = await world.refused({ public_name: 'other.lab.test' });
    expect(failed).toEqual(['node.certificate@node1', 'node.certificate@node2']);
  });

  it('answers every request with each node away, drains without a lost request, changes nothing anew, and goes back', async () => {
    await world.lab.mark('bare');
    const first = await world.through({});
    expect(Object.keys(await world.belay.states(first.run)).filter((one) => one.startsWith('scim.'))).toEqual([]);
    expect(await answers('/oxauth/x')).toEqual(['node1 https login.lab.test', 'node2 https login.lab.test']);
    expect(await answers('/identity/x')).toHaveLength(1);
    expect(await world.on('balancer', 'stat -c %a /etc/nginx/ssl /etc/nginx/ssl/httpd.key | paste -sd,')).toBe(
      '700,600',
    );

    const again = await world.through({});
    expect(again.changed).toEqual(['outage.away on node1', 'outage.away on node2']);

    const pid = await world.on('balancer', 'cat /run/nginx.pid');
    const drained = await world.through({ drained: ['node1'], prove_outage: false });
    expect(drained.changed).toEqual(['nginx.conf.proposed on balancer', 'nginx.in_use on balancer']);
    expect(await answers('/oxauth/x')).toEqual(['node2 https login.lab.test']);
    expect(await world.on('balancer', 'cat /run/nginx.pid')).toBe(pid);

    await carryBack(world.belay, drained.run);
    expect(await answers('/oxauth/x')).toHaveLength(2);
    await carryBack(world.belay, first.run);
    expect(answeredFor(await differences(world.lab, 'bare'))).toEqual([]);
  }, 900_000);

  it('gives nodes requests of /identity in turn where that is asked for, says for whom they are, and sends none again that a node may have carried out', async () => {
    await world.lab.mark('before');
    const { run } = await world.through({ sticky: false, prove_outage: false });
    const told = (await world.belay.tasks(run)).filter(({ step }) => step === 'scim.told');
    expect(JSON.stringify(told)).toContain('SCIM clients are spread, but people who sign in to');
    // Each of nginx's workers has a turn of its own.
    const turns = await twenty('/identity/x');
    for (const node of ['node1', 'node2'])
      expect(turns.filter((one) => one === `${node} https login.lab.test`).length).toBeGreaterThanOrEqual(8);

    const own = world.lab.host('node1').address;
    expect(await asks('node1', '/forwarded')).toBe(`https login.lab.test for ${own} of ${own} 200`);
    // What a client says of itself stands before its address, and nowhere else.
    const forged = ['X-Real-IP: 192.0.2.7', 'X-Forwarded-For: 192.0.2.7', 'X-Forwarded-Proto: http'];
    expect(await asks('node1', '/forwarded', forged.map((one) => `-H '${one}'`).join(' '))).toBe(
      `https login.lab.test for 192.0.2.7, ${own} of ${own} 200`,
    );

    // Nobody knows what a node has done of a POST by which it fails, or after which it says nothing.
    expect(await asks('node1', '/broken?post', '-d some=thing -o /dev/null')).toBe('500');
    expect(await asks('node1', '/closed?post', '-d some=thing -o /dev/null')).toBe('502');
    expect((await sent('POST /broken?post')).sort()).toEqual(['0', '1']);
    expect((await sent('POST /closed?post')).sort()).toEqual(['0', '1']);
    expect(await asks('node1', '/broken?get', '-o /dev/null')).toBe('500');
    expect(await sent('GET /broken?get')).toEqual(['1', '1']);

    await carryBack(world.belay, run);
    expect(answeredFor(await differences(world.lab, 'before'))).toEqual([]);
  }, 600_000);
});
