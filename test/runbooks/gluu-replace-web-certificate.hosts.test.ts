import { beforeAll, describe, expect, it } from 'vitest';
import { readAuthority } from '../../activities/certificates/authority.js';
import { carryBack, carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { changes, failures } from './gluu-world.js';
import { briefPair, givenPair, issuerAt, shownBy, webPairs } from './web-pairs.js';

const name = 'keys-web';
const runbook = 'runbooks/gluu/replace-web-certificate.yaml';
const asked = { public_name: 'login.lab.test' };
/** Has a host show a certificate that has ended, from the given key and certificate on. */
const ended = (
  key: string,
  certificate: string,
  services: string,
): string => `umask 077; mkdir -p /root/ended; cd /root/ended
cp -p ${key} key; cp -p ${certificate} crt
echo subjectAltName=DNS:login.lab.test >names
openssl req -new -key key -subj /CN=login.lab.test -out request
openssl x509 -req -in request -signkey key -days -1 -extfile names >${certificate} 2>said
${services} restart </dev/null >said 2>&1`;

describe('gluu/replace-web-certificate, on a real cluster', () => {
  const world = setCluster(name, 'clustered');
  const { on } = world;

  beforeAll(async () => {
    await on('node1', webPairs);
  });

  const shown = async (): Promise<string[]> => shownBy(world);
  const issuer = async (): Promise<string> => issuerAt(world);
  /** What the runbook changes of files, by their sums and owners. */
  const files = async (): Promise<string[]> => [
    ...(await Promise.all(
      ['node1', 'node2'].map(async (node) =>
        on(
          node,
          `cd ${root}; sha256sum etc/certs/httpd.* opt/jre/jre/lib/security/cacerts install/community-edition-setup/shared.sha256; stat -c '%n %U:%G %a' etc/certs/httpd.*; ls var/lib`,
        ),
      ),
    )),
    await on('balancer', 'cd /etc/nginx; sha256sum ssl/* nginx.conf; stat -c "%n %U:%G %a" ssl/*'),
  ];

  it.each([
    {
      it: 'a certificate for another name',
      inputs: { ...givenPair, key_file: '/root/web/other.key', certificate_file: '/root/web/other.crt' },
      said: /not for login\.lab\.test/,
    },
    {
      it: 'a key of another certificate',
      inputs: { ...givenPair, key_file: '/root/web/stray.key' },
      said: /the key is of another/,
    },
    {
      it: 'an authority that has not signed it',
      inputs: { ...givenPair, authority_file: '' },
      said: /has not signed it/,
    },
    { it: 'a file that is not there', inputs: { ...givenPair, key_file: '/root/web/none.key' }, said: /there is no/ },
    {
      it: 'one that ends before the one that is shown',
      inputs: briefPair,
      by: 'later',
      said: /^it ends notAfter=/,
    },
  ])('refuses $it, before anything changes', async ({ inputs, by = 'given.fits', said }) => {
    const { hash, plan } = await world.belay.plan(runbook, inputs);
    const run = await world.belay.start(hash);
    await world.belay.until(run, ['failed'], 180);
    expect(await failures(world.belay, run)).toEqual([`${by}@node1`]);
    expect((await world.belay.output(run, by, 'node1', '?stream=stderr')).toString()).toMatch(said);
    expect(await changes(world.belay, run, plan)).toEqual([]);
  });

  it('shows a given one everywhere, though it ends sooner where that is meant, then one of its own authority, and goes back to the first', async () => {
    const [before, former] = [await files(), await shown()];
    const first = await carryThrough(world.belay, runbook, { ...briefPair, approve_lifetime: true });
    const next = await shown();
    expect(new Set(next).size).toBe(1);
    expect(next).not.toEqual(former);
    expect(await issuer()).toContain('Some authority');
    expect((await files()).join()).not.toContain('web-certificate');

    const own = await carryThrough(world.belay, runbook, asked);
    expect(new Set(await shown()).size).toBe(1);
    expect(await issuer()).toContain('Gluu cluster');

    await carryBack(world.belay, own.run);
    expect(await shown()).toEqual(next);
    await carryBack(world.belay, first.run);
    expect(await shown()).toEqual(former);
    expect(await files()).toEqual(before);
  }, 1_500_000);

  it('says that there is nothing to replace where the given one is shown', async () => {
    const run = await world.belay.start(
      (
        await world.belay.plan(runbook, {
          ...givenPair,
          key_file: `${root}/etc/certs/httpd.key`,
          certificate_file: `${root}/etc/certs/httpd.crt`,
          authority_file: '',
        })
      ).hash,
    );
    await world.belay.until(run, ['failed'], 180);
    expect(await failures(world.belay, run)).toEqual(['another@node1']);
  });

  it('replaces one that has ended, by which no balancer takes a node, and gluu/balancer has nginx show the new one', async () => {
    const asks = async (): Promise<string> =>
      on(
        'balancer',
        `curl -sS -o /dev/null -w '%{http_code}' --cacert /etc/nginx/ssl/httpd.crt --resolve login.lab.test:443:127.0.0.1 https://login.lab.test/.well-known/openid-configuration || true`,
      );
    const certs = `${root}/etc/certs`;
    for (const node of ['node1', 'node2'])
      await on(node, ended(`${certs}/httpd.key`, `${certs}/httpd.crt`, `chroot ${root} /etc/init.d/apache2`));
    await on('balancer', ended('/etc/nginx/ssl/httpd.key', '/etc/nginx/ssl/httpd.crt', 'service nginx'));
    const former = await shown();
    expect(await asks()).toBe('000');
    const { run } = await carryThrough(world.belay, runbook, { ...asked, balancer: 'none' });
    const now = await shown();
    expect([new Set(now).size, now[2]]).toEqual([2, former[2]]);
    const balancer = {
      ...asked,
      prove_outage: false,
      node_authority: readAuthority(world.secret('gluu-cluster-ca'))?.certificate ?? '',
    };
    const second = await carryThrough(world.belay, 'runbooks/gluu/balancer.yaml', balancer);
    expect([...new Set(await shown())]).toEqual([now[0]]);
    expect(await asks()).toBe('200');
    await carryBack(world.belay, second.run);
    await carryBack(world.belay, run);
    expect(await shown()).toEqual(former);
  }, 1_500_000);
});
