import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SecretsAnswer } from '../../model/answers.js';
import type { RunEvent } from '../../model/record.js';
import { clientOn, codeFrom, publicName, settingsOf, tokensFrom } from '../lab/gluu-client.js';
import { carryBack, carryOn, carryThrough, goOn } from './carry-through.js';
import { setCluster } from './gluu-cluster-lab.js';
import { root } from './gluu-servers.js';
import { changes, failures } from './gluu-world.js';
import { hidden } from './hidden.js';
import { passwordsOnDisks } from './passwords-on-disks.js';

const runbook = 'runbooks/gluu/change-passwords.yaml';
const nodes = ['node1', 'node2'];
const asked = { public_name: publicName };
const here = `https://${publicName}`;
/** What is given beforehand, so that the test knows it; the run makes the others. */
const next = {
  'gluu-directory-manager': 'Next1-password-of-the-manager',
  'gluu-oxtrust-admin': 'Next1-password-of-the-admin',
  'gluu-redis': 'Next1-password-of-redis',
};
/** What comes after it. */
const third = 'Next2-password-of-the-manager';
type Named = keyof typeof next | 'gluu-replication-admin';
const names: readonly Named[] = [
  'gluu-directory-manager',
  'gluu-oxtrust-admin',
  'gluu-redis',
  'gluu-replication-admin',
];
const manager = 'cn=directory manager';
const replication = 'cn=admin,cn=Administrators,cn=admin data';

/** Says which of its lines stand in the command line of any process, until it is told to stop. */
const watch = `cat >/run/needles
( while [ -e /run/needles ]; do
    for one in /proc/[0-9]*/cmdline; do tr '\\0\\n' '  ' <"$one" 2>/dev/null | grep -F -f /run/needles; done; sleep 0.1
  done >/run/seen 2>/dev/null & ) </dev/null >/dev/null 2>&1`;

/** OpenDJ's tool for changes, which makes them all but for one that leaves an entry a single password. */
const stubborn = `cd ${root}/opt/opendj/bin; mv ldapmodify ldapmodify.real
cat >ldapmodify <<'END'
#!/bin/sh
! grep -q '^replace: userPassword' /dev/fd/3 || { echo 'broken by a test' >&2; exit 1; }
exec /opt/opendj/bin/ldapmodify.real "$@"
END
chmod 755 ldapmodify`;

describe('gluu/change-passwords, on a real cluster', () => {
  const world = setCluster('passwords', 'clustered');
  const { on } = world;
  const former = (one: Named | 'gluu-salt'): string =>
    readFileSync(join(world.lab.folder, 'with/secrets', one), 'utf8');

  /** Whether a node's directory lets somebody in. */
  const takes = async (node: string, dn: string, password: string): Promise<boolean> => {
    const said = await on(
      node,
      `export OPENDJ_JAVA_HOME=/opt/jre; code=0
printf '%s' '${password}' | chroot ${root} /opt/opendj/bin/ldapsearch --useSSL --hostname ${node}.lab.test --port 1636 \\
  --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \\
  --bindDN '${dn}' --bindPasswordFile /dev/stdin --baseDN '' --searchScope base '(objectClass=*)' 1.1 >/dev/null 2>&1 || code=$?
echo $code`,
    );
    if (!['0', '49'].includes(said)) throw new Error(`${node}: ${said}`);
    return said === '0';
  };
  const everywhere = async (dn: string, password: string): Promise<boolean[]> =>
    Promise.all(nodes.map(async (node) => takes(node, dn, password)));
  const pong = async (password: string): Promise<string> =>
    on('node1', `REDISCLI_AUTH='${password}' redis-cli -p 16379 PING 2>/dev/null || true`);
  /** Whether a sign-in that begins on each node gets its token from the other one. */
  const signIn = async (password: string): Promise<boolean[]> =>
    Promise.all(
      nodes.map(async (node, index) => {
        const own = readFileSync(join(world.lab.folder, 'with/secrets/gluu-oxauth-client'), 'utf8');
        const settings = { ...(await settingsOf(world.lab, node, '3.1.6')), oxauthClient_pw: own };
        const code = await codeFrom(clientOn(world.lab, node, '3.1.6'), here, settings, `admin:${password}`);
        if (code === '') return false;
        const other = clientOn(world.lab, nodes[1 - index] ?? '', '3.1.6');
        return (await tokensFrom(other, here, settings, code)).id_token !== undefined;
      }),
    );
  const throughBalancer = (): string[] => [
    ...[
      'curl',
      '-sS',
      '-o',
      '/dev/null',
      '-w',
      '%{http_code}',
      '--max-time',
      '20',
      '--cacert',
      `${root}/etc/certs/httpd.crt`,
    ],
    ...[
      '--resolve',
      `${publicName}:443:${world.lab.host('balancer').address}`,
      `${here}/.well-known/openid-configuration`,
    ],
  ];
  /** What holds passwords, or the way in which several are allowed. */
  const files = async (): Promise<string[]> =>
    Promise.all([
      ...nodes.map(async (node) =>
        on(
          node,
          `cd ${root}; sha256sum etc/gluu/conf/ox-ldap.properties; stat -c '%u:%g %a' etc/gluu/conf/ox-ldap.properties`,
        ),
      ),
      on('balancer', `sha256sum /etc/redis/redis.conf /etc/nginx/nginx.conf; stat -c '%U:%G %a' /etc/redis/redis.conf`),
    ]);
  const stored = async (): Promise<Record<string, unknown>> => {
    const { secrets } = (await (await world.belay.request('/v1/secrets')).json()) as SecretsAnswer;
    return Object.fromEntries(
      secrets
        .filter(({ name }) => (names as string[]).includes(name))
        .map((one) => [one.name, [one.version, one.next]]),
    );
  };
  const onDisks = async (): Promise<string[]> => {
    const was = Object.fromEntries(names.map((name) => [`former ${name}`, former(name)]));
    const found = await passwordsOnDisks(world.lab, [...nodes, 'balancer'], { ...next, ...was }, former('gluu-salt'));
    return found.filter((line) => !line.endsWith('/run/needles'));
  };
  let before: string[];

  beforeAll(async () => {
    before = await files();
  });

  it('refuses a password that is not what servers have, before anything changes', async () => {
    await expect.poll(async () => signIn(former('gluu-oxtrust-admin')), { timeout: 120_000 }).toEqual([true, true]);
    await world.belay.keepSecret('gluu-redis', 'Another1-password');
    try {
      const { hash, plan } = await world.belay.plan(runbook, asked);
      const run = await world.belay.start(hash);
      await world.belay.until(run, ['failed'], 240);
      expect(await failures(world.belay, run)).toEqual(['redis@node1', 'redis@node2']);
      expect(await changes(world.belay, run, plan)).toEqual([]);
    } finally {
      await world.belay.request('/v1/secrets/gluu-redis/abandon', { method: 'POST', body: '{}' });
      await world.belay.keepSecret('gluu-redis', former('gluu-redis'));
    }
    expect(await files()).toEqual(before);
  }, 600_000);

  it('gives everybody a new password, cuts nobody off, and goes back', async () => {
    for (const [name, value] of Object.entries(next)) {
      await world.belay.request(`/v1/secrets/${name}/abandon`, { method: 'POST', body: '{}' });
      await world.belay.keepSecret(name, value, 'next');
    }
    const was = await stored();
    const needles = [...names.map(former), ...Object.values(next)].join('\n');
    await Promise.all([...nodes, 'balancer'].map(async (host) => world.lab.exec(host, ['sh', '-euc', watch], needles)));
    let ended = false;
    const lost: string[] = [];
    const asking = (async () => {
      while (!ended) {
        const { stdout } = await world.lab.exec('node1', throughBalancer());
        if (stdout !== '200') lost.push(stdout);
        await sleep(300);
      }
    })();
    const { run } = await carryThrough(world.belay, runbook, asked).finally(() => (ended = true));
    await asking;
    expect(lost).toEqual([]);

    expect(await everywhere(manager, former('gluu-directory-manager'))).toEqual([false, false]);
    expect(await everywhere(manager, next['gluu-directory-manager'])).toEqual([true, true]);
    expect(await everywhere(replication, former('gluu-replication-admin'))).toEqual([false, false]);
    expect([await pong(former('gluu-redis')), await pong(next['gluu-redis'])]).toEqual([
      expect.stringContaining('NOAUTH'),
      'PONG',
    ]);
    expect(await signIn(next['gluu-oxtrust-admin'])).toEqual([true, true]);
    expect(await signIn(former('gluu-oxtrust-admin'))).toEqual([false, false]);
    for (const name of names) expect((await stored())[name]).not.toEqual(was[name]);
    const after = await files();
    expect(after.filter((one, index) => one === before[index])).toEqual([]);
    const told = JSON.stringify(await world.belay.tasks(run));
    for (const value of needles.split('\n')) expect(told).not.toContain(value);
    expect(await onDisks()).toEqual([]);
    await on('node2', `printf '%s' '${hidden(former('gluu-redis'), former('gluu-salt'))}' >${root}/opt/control`);
    expect(await onDisks()).toEqual([expect.stringContaining('hidden former gluu-redis in')]);

    // Runs that are planned from now on know the new ones.
    await carryThrough(world.belay, 'runbooks/gluu/directory-status.yaml', {});

    await carryBack(world.belay, run);
    expect(await everywhere(manager, next['gluu-directory-manager'])).toEqual([false, false]);
    expect(await everywhere(manager, former('gluu-directory-manager'))).toEqual([true, true]);
    expect(await everywhere(replication, former('gluu-replication-admin'))).toEqual([true, true]);
    expect([await pong(next['gluu-redis']), await pong(former('gluu-redis'))]).toEqual([
      expect.stringContaining('NOAUTH'),
      'PONG',
    ]);
    expect(await signIn(former('gluu-oxtrust-admin'))).toEqual([true, true]);
    expect(await signIn(next['gluu-oxtrust-admin'])).toEqual([false, false]);
    expect(await files()).toEqual(before);
    for (const name of Object.keys(next)) expect((await stored())[name]).toEqual(was[name]);
    const seen = await Promise.all(
      [...nodes, 'balancer'].map(async (host) =>
        on(host, 'rm -f /run/needles; sleep 1; cat /run/seen; rm -f /run/seen'),
      ),
    );
    // What this test itself asks names passwords in its own shell, and for the sign-in of the administrator.
    const others = seen
      .join('\n')
      .split('\n')
      .filter((line) => line !== '' && !/sh -euc | -u admin:/.test(line));
    expect(others).toEqual([]);
  }, 2_400_000);

  /** Kills the worker when each of these steps has begun, once; it is told of them by the run's events. */
  const killedAt = async (run: string, steps: readonly string[]): Promise<void> => {
    const due = new Set(steps);
    for (let seen = 0; due.size > 0 && !['failed', 'succeeded'].includes((await world.belay.run(run)).state);) {
      const answer = await world.belay.request(`/v1/runs/${run}/events?after=${String(seen)}&limit=100`);
      const { events } = (await answer.json()) as { events: RunEvent[] };
      seen = events.at(-1)?.sequence ?? seen;
      for (const { kind, data } of events)
        if (kind === 'step-started' && due.delete(String(data['step']))) world.belay.stack.kill('worker', 'SIGKILL');
      await sleep(100);
    }
    expect([...due]).toEqual([]);
  };
  /** Leaves a run where it stands, as somebody does who begins anew. */
  const brokenOff = async (run: string): Promise<void> => {
    await world.belay.say(run, 'cancel');
    await world.belay.until(run, ['cancelled'], 120);
  };

  it('uses the same ones when it is broken off and begun again, leaves no other, and goes back run by run', async () => {
    const was = await stored();
    const manager1 = former('gluu-directory-manager');
    const { hash } = await world.belay.plan(runbook, asked);
    const first = await world.belay.start(hash);
    // Some host that cannot do its part: both passwords are taken meanwhile, and nobody is cut off.
    await expect.poll(async () => (await world.belay.run(first)).approval?.phase, { timeout: 240_000 }).toBeDefined();
    await on('node2', 'mv /usr/bin/perl /usr/bin/perl.away');
    const [state] = await Promise.all([goOn(world.belay, first), killedAt(first, ['both.added', 'entries.entries'])]);
    await on('node2', 'mv /usr/bin/perl.away /usr/bin/perl');
    expect([state, await failures(world.belay, first)]).toEqual(['waiting', ['files.file@node2']]);
    expect(await everywhere(manager, manager1)).toEqual([true, true]);
    expect(await everywhere(manager, next['gluu-directory-manager'])).toEqual([true, true]);
    expect([await pong(former('gluu-redis')), await pong(next['gluu-redis'])]).toEqual(['PONG', 'PONG']);
    expect(await signIn(former('gluu-oxtrust-admin'))).toEqual([true, true]);
    expect(await stored()).toEqual(was);
    await brokenOff(first);

    // Once more, until the new ones are the current ones and a directory still takes the former one.
    await on('node2', stubborn);
    const second = await carryOn(world.belay, runbook, asked);
    await on('node2', `cd ${root}/opt/opendj/bin; mv ldapmodify.real ldapmodify`);
    expect([second.state, await failures(world.belay, second.run)]).toEqual(['waiting', ['only.removed@node2']]);
    expect(await everywhere(manager, next['gluu-directory-manager'])).toEqual([true, true]);
    expect(await everywhere(manager, manager1)).toEqual([false, true]);
    expect(await signIn(next['gluu-oxtrust-admin'])).toEqual([true, true]);
    await brokenOff(second.run);

    // Begun again from there, what is stored as the current one becomes the former one; the one before it is left nowhere.
    await world.belay.keepSecret('gluu-directory-manager', third, 'next');
    const last = await carryThrough(world.belay, runbook, { ...asked, which: ['directory-manager'] });
    expect(await everywhere(manager, third)).toEqual([true, true]);
    expect(await everywhere(manager, next['gluu-directory-manager'])).toEqual([false, false]);
    expect(await everywhere(manager, manager1)).toEqual([false, false]);

    for (const run of [last.run, second.run, first]) await carryBack(world.belay, run);
    expect(await everywhere(manager, manager1)).toEqual([true, true]);
    for (const other of [third, next['gluu-directory-manager']])
      expect(await everywhere(manager, other)).toEqual([false, false]);
    expect(await everywhere(replication, former('gluu-replication-admin'))).toEqual([true, true]);
    expect(await signIn(former('gluu-oxtrust-admin'))).toEqual([true, true]);
    expect(await files()).toEqual(before);
  }, 2_400_000);
});
