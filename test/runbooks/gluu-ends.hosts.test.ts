import { describe, expect, it } from 'vitest';
import { answeredForRunning } from './answered-for.js';
import { carryBack, carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { differences, small } from './gluu-world.js';

const { public_name } = small;
const memory = { public_name, provider: 'IN_MEMORY' };
const cacheEnd = 'runbooks/gluu/cache-end.yaml';
const balancerEnd = 'runbooks/gluu/balancer-end.yaml';

describe('gluu/cache-end and gluu/balancer-end, on real servers', () => {
  const world = setCluster('gluu-ends', 'clustered');
  const { on } = world;

  /** What listens of a cache host and its tunnel. */
  const listening = `ss -Hltn | awk '{ print $4 }' | grep -E ':(6379|16379)$' | sort | paste -sd,`;
  const code = (host: string, at: string) =>
    on(
      host,
      `curl -sS -o /dev/null -w '%{http_code}' --cacert ${root}/etc/certs/httpd.crt --resolve ${public_name}:443:${at} https://${public_name}/.well-known/openid-configuration || true`,
    );

  it('ends the cache once every node works without it, changes nothing anew, and gives it back', async () => {
    await world.lab.mark('with');
    const before = await on('balancer', listening);
    expect(before).toMatch(/127\.0\.0\.1:6379/);
    const { run } = await carryThrough(world.belay, cacheEnd, memory);
    expect(await on('balancer', `${listening}; ls /etc/stunnel/*.conf /var/lib/redis/* 2>/dev/null || true`)).toBe('');
    for (const node of ['node1', 'node2']) {
      expect(await on(node, `${listening}; ls /etc/stunnel/*.conf 2>/dev/null || true`)).toBe('');
      expect(await code(node, world.lab.host(node).address)).toBe('200');
    }
    expect((await carryThrough(world.belay, cacheEnd, memory)).changed).toEqual([]);

    await carryBack(world.belay, run);
    expect(await on('balancer', listening)).toBe(before);
    expect(answeredForRunning(await differences(world.lab, 'with'))).toEqual([]);
  }, 1_200_000);

  it('takes nginx and the cluster’s key away, changes nothing anew, and puts them back', async () => {
    await world.lab.mark('nginx');
    const { run } = await carryThrough(world.belay, balancerEnd, { public_name });
    expect(await code('node1', world.lab.host('balancer').address)).toBe('000');
    expect(await on('balancer', 'ls /etc/nginx/ssl /etc/nginx/gluu-proposed.conf 2>/dev/null || true')).toBe('');
    expect(await on('balancer', 'nginx -t -q && ! pgrep -x nginx && echo still')).toBe('still');
    expect((await carryThrough(world.belay, balancerEnd, { public_name })).changed).toEqual([]);

    await carryBack(world.belay, run);
    expect(await code('node1', world.lab.host('balancer').address)).toBe('200');
    expect(answeredForRunning(await differences(world.lab, 'nginx'))).toEqual([]);
  }, 600_000);

  it('takes nothing away where somebody has changed what nginx works by', async () => {
    await on('balancer', 'cp -p /etc/nginx/nginx.conf /root/kept; echo "# mine" >>/etc/nginx/nginx.conf');
    const { hash } = await world.belay.plan(balancerEnd, { public_name });
    const run = await world.belay.start(hash);
    await world.belay.until(run, ['failed'], 120);
    await on('balancer', 'mv /root/kept /etc/nginx/nginx.conf');
    expect((await world.belay.tasks(run)).filter(({ state }) => state === 'changed')).toEqual([]);
  }, 300_000);
});
