import { beforeAll, describe, expect, it } from 'vitest';
import { carryBack, carryThrough } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { changes, failures } from './gluu-world.js';

const name = 'keys-web';
const runbook = 'runbooks/gluu/replace-web-certificate.yaml';
const asked = { public_name: 'login.lab.test' };
const given = {
  ...asked,
  key_file: '/root/web/new.key',
  certificate_file: '/root/web/new.crt',
  authority_file: '/root/web/ca.crt',
};

/** On the first node: an authority, a pair of it for the public name, one for another name, and a key of neither. */
const pairs = `umask 077; mkdir -p /root/web; cd /root/web
curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $curve -keyout ca.key -out ca.crt -days 800 -subj '/CN=Some authority'
for one in new:login.lab.test other:shop.lab.test; do
  openssl req $curve -keyout "\${one%:*}.key" -out request -subj "/CN=\${one#*:}"
  echo "subjectAltName=DNS:\${one#*:}" >names
  openssl x509 -req -in request -CA ca.crt -CAkey ca.key -set_serial 1 -days 700 -extfile names -out "\${one%:*}.crt"
done
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out stray.key`;

describe('gluu/replace-web-certificate, on a real cluster', () => {
  const world = setCluster(name, 'clustered');
  const { on } = world;

  beforeAll(async () => {
    await on('node1', pairs);
  });

  /** Who has signed what a client sees at each place, and whether the key lies nowhere else. */
  const shown = async (): Promise<string[]> =>
    Promise.all(
      ['node1', 'node2', 'balancer'].map(async (host) =>
        on(
          'node2',
          `openssl s_client -connect ${world.lab.host(host).address}:443 -servername login.lab.test </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`,
        ),
      ),
    );
  const issuer = async (): Promise<string> =>
    on(
      'node2',
      `openssl s_client -connect ${world.lab.host('balancer').address}:443 -servername login.lab.test </dev/null 2>/dev/null | openssl x509 -noout -issuer`,
    );
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
      inputs: { ...given, key_file: '/root/web/other.key', certificate_file: '/root/web/other.crt' },
      said: /not for login\.lab\.test/,
    },
    {
      it: 'a key of another certificate',
      inputs: { ...given, key_file: '/root/web/stray.key' },
      said: /the key is of another/,
    },
    { it: 'an authority that has not signed it', inputs: { ...given, authority_file: '' }, said: /has not signed it/ },
    { it: 'a file that is not there', inputs: { ...given, key_file: '/root/web/none.key' }, said: /there is no/ },
  ])('refuses $it, before anything changes', async ({ inputs, said }) => {
    const { hash, plan } = await world.belay.plan(runbook, inputs);
    const run = await world.belay.start(hash);
    await world.belay.until(run, ['failed'], 180);
    expect(await failures(world.belay, run)).toEqual(['given.fits@node1']);
    expect((await world.belay.output(run, 'given.fits', 'node1', '?stream=stderr')).toString()).toMatch(said);
    expect(await changes(world.belay, run, plan)).toEqual([]);
  });

  it('shows a given one everywhere, then one of its own authority, and goes back to the first', async () => {
    const [before, former] = [await files(), await shown()];
    const first = await carryThrough(world.belay, runbook, given);
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
          ...given,
          key_file: `${root}/etc/certs/httpd.key`,
          certificate_file: `${root}/etc/certs/httpd.crt`,
          authority_file: '',
        })
      ).hash,
    );
    await world.belay.until(run, ['failed'], 180);
    expect(await failures(world.belay, run)).toEqual(['another@node1']);
  });
});
