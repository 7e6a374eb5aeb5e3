import { describe, expect, it } from 'vitest';
import { carryBack, carryOn, carryThrough } from './carry-through.js';
import { clientAt } from './client.js';
import { setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { failures, small } from './gluu-world.js';

const name = 'keys-shared';
const runbook = 'runbooks/gluu/certificates.yaml';
const asked = { public_name: small.public_name };
const file = `${root}/etc/gluu/conf/passport-config.json`;
/** Processes of Gluu's applications, by number: a restarted one has another. */
const processes = `pgrep -f 'stand-in[.]jar' | sort | paste -sd,`;

describe('gluu/certificates, on a cluster that serves', () => {
  const world = setCluster(name, 'clustered');
  const { on } = world;
  const configuration = async (): Promise<string> => on('balancer', 'sha256sum /etc/nginx/*.conf');
  it('gives a node a shared file that was changed, and loses no request of a client', async () => {
    await carryThrough(world.belay, runbook, asked);
    const written = await configuration();
    const [first, other] = [await on('node1', processes), await on('node2', processes)];
    await on('node1', `echo >>${file}`);
    const client = clientAt(world, 'balancer');
    await client.begin();
    const { changed } = await carryThrough(world.belay, runbook, asked);
    expect(changed).toContain('out.node2.out on balancer');
    expect(await client.lost()).toEqual([]);
    await client.end();
    expect(await on('node2', `sha256sum ${file}`)).toBe(await on('node1', `sha256sum ${file}`));
    for (const one of (await on('node2', processes)).split(',')) expect(other.split(',')).not.toContain(one);
    expect(await on('node1', processes)).toBe(first);
    expect(await configuration()).toBe(written);
    expect((await carryThrough(world.belay, runbook, asked)).changed).toEqual([]);
  }, 900_000);

  it('keeps a node that does not come back out of the balancer, and goes back', async () => {
    const [written, before] = [await configuration(), await on('node2', `sha256sum ${file}`)];
    await on('node2', `mv ${root}/opt/gluu/lib/stand-in.jar ${root}/opt/gluu/lib/away`);
    await on('node1', `echo >>${file}`);
    const client = clientAt(world, 'balancer');
    await client.begin();
    const { run } = await carryOn(world.belay, runbook, asked);
    expect((await world.belay.run(run)).standing['for']).toBe('decision');
    expect((await failures(world.belay, run)).join()).toMatch(/^(restart|healthy)\.node2\.\w+@node2$/);
    expect(await on('balancer', `grep -c ' down;' /etc/nginx/nginx.conf`)).toBe('2');
    await on('node2', `mv ${root}/opt/gluu/lib/away ${root}/opt/gluu/lib/stand-in.jar`);
    await carryBack(world.belay, run);
    expect(await client.lost()).toEqual([]);
    await client.end();
    expect(await configuration()).toBe(written);
    expect(await on('node2', `sha256sum ${file}`)).toBe(before);
  }, 900_000);

  it('refuses a certificate that the balancer would not take, before anything changes', async () => {
    await on(
      'node1',
      `cd ${root}/etc/certs; cp -p httpd.crt httpd.key /root
       openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=${small.public_name} -addext subjectAltName=DNS:${small.public_name} -keyout httpd.key -out httpd.crt 2>&1`,
    );
    const { run, changed } = await carryOn(world.belay, runbook, asked);
    expect((await world.belay.run(run)).state).toBe('failed');
    expect(await failures(world.belay, run)).toEqual(['trusts@balancer']);
    expect(changed).toEqual([]);
    await on('node1', `mv /root/httpd.crt /root/httpd.key ${root}/etc/certs/`);
  }, 300_000);
});
