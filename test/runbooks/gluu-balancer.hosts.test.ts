import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labDown, labUp, type Lab } from '../../lab/lab.js';
import { startBelay, type Belay } from '../end-to-end/belay.js';
import { answeredFor, carryBack, carryThrough, type Carried } from './carry-through.js';
import { changes, differences, failures, pair } from './gluu-world.js';
import { standInNodes } from './stand-in-nodes.js';

const name = 'gluu-web';
const runbook = 'runbooks/gluu/balancer.yaml';
const asked = { public_name: 'login.lab.test' };

describe('gluu/balancer, on real hosts', () => {
  let lab: Lab;
  let belay: Belay;

  beforeAll(async () => {
    const node = { preinstalled: ['nginx', 'curl'] };
    const hosts = { node1: node, node2: node, balancer: { fqdn: 'login.lab.test' } };
    lab = await labUp({ name, description: pair({ hosts, packages: ['nginx', 'curl'] }) });
    await standInNodes(lab, ['node1', 'node2'], 'login.lab.test');
    belay = await startBelay(lab);
  }, 600_000);
  afterAll(async () => {
    await belay?.stop();
    await labDown(name);
  }, 120_000);

  const on = async (host: string, script: string): Promise<string> => {
    const { stdout, stderr, code } = await lab.exec(host, ['sh', '-euc', script]);
    if (code !== 0) throw new Error(`${host}: ${stderr}`);
    return stdout.trim();
  };
  const through = async (inputs: object): Promise<Carried> => carryThrough(belay, runbook, { ...asked, ...inputs });
  /** Which nodes answer requests of the balancer's own client, and how. */
  const answers = async (path: string): Promise<string[]> => {
    const ask = `curl -sS --cacert /etc/nginx/ssl/httpd.crt --resolve login.lab.test:443:127.0.0.1`;
    const all = await on('balancer', `for i in $(seq 20); do ${ask} https://login.lab.test${path}; echo; done`);
    return [...new Set(all.split('\n'))].sort();
  };

  it('refuses nodes that show different certificates, before anything changes', async () => {
    await lab.mark('wrong');
    await on('node2', 'cp /etc/certs/httpd.crt /root/kept');
    await on(
      'node2',
      `cd /etc/certs; openssl req -x509 -key httpd.key -days 9 -subj /CN=login.lab.test -addext subjectAltName=DNS:login.lab.test -out httpd.crt; service nginx reload`,
    );
    const { hash, plan } = await belay.plan(runbook, asked);
    const run = await belay.start(hash);
    await belay.until(run, ['failed'], 120);
    await on('node2', 'mv /root/kept /etc/certs/httpd.crt; service nginx reload');
    expect(await failures(belay, run)).toEqual(['same_certificate@node1']);
    expect(await changes(belay, run, plan)).toEqual([]);
  });

  it('refuses a public name that is not the balancer’s', async () => {
    const { hash } = await belay.plan(runbook, { public_name: 'other.lab.test' });
    const run = await belay.start(hash);
    await belay.until(run, ['failed'], 120);
    expect(await failures(belay, run)).toEqual(['node.certificate@node1', 'node.certificate@node2']);
  });

  it('answers every request with each node away, drains without a lost request, changes nothing anew, and goes back', async () => {
    await lab.mark('bare');
    const first = await through({});
    expect(await answers('/oxauth/x')).toEqual(['node1 https login.lab.test', 'node2 https login.lab.test']);
    expect(await answers('/identity/x')).toHaveLength(1);
    expect(await on('balancer', 'stat -c %a /etc/nginx/ssl /etc/nginx/ssl/httpd.key | paste -sd,')).toBe('700,600');

    const again = await through({});
    expect(again.changed).toEqual(['outage.away on node1', 'outage.away on node2']);

    const pid = await on('balancer', 'cat /run/nginx.pid');
    const drained = await through({ drained: ['node1'], prove_outage: false });
    expect(drained.changed).toEqual(['nginx.conf.proposed on balancer', 'nginx.in_use on balancer']);
    expect(await answers('/oxauth/x')).toEqual(['node2 https login.lab.test']);
    expect(await on('balancer', 'cat /run/nginx.pid')).toBe(pid);

    await carryBack(belay, drained.run);
    expect(await answers('/oxauth/x')).toHaveLength(2);
    await carryBack(belay, first.run);
    expect(answeredFor(await differences(lab, 'bare'))).toEqual([]);
  }, 900_000);
});
