// cspell:ignore autoflush
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { labDown, type Lab } from '../../lab/lab.js';
import type { LogsAnswer, MetricNamesAnswer, SourcesAnswer } from '../../model/collected-answers.js';
import type { Belay } from '../end-to-end/belay.js';
import { carryBack, carryThrough } from './carry-through.js';
import { failures } from './gluu-world.js';
import { gluuPair } from './gluu-cluster-lab.js';

const name = 'records-test';
let lab: Lab;
let belay: Belay;
beforeAll(async () => {
  ({ lab, belay } = await gluuPair(name, 'clustered'));
}, 1_200_000);
afterAll(async () => {
  await belay?.stop();
  await labDown(name);
});

/** A syslog as rsyslog writes it, on hosts that have none: whatever comes to /dev/log is a line of /var/log/syslog. */
const syslog = `setsid perl -MIO::Socket::UNIX -MSocket -e '
  my $log = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => "/dev/log") or die $!; chmod 0666, "/dev/log";
  open my $out, ">>", "/var/log/syslog"; $out->autoflush(1);
  while (defined $log->recv(my $said, 8192)) { $said =~ s/^<\\d+>(.{15}) /$1 host /; $said =~ s/\\0|\\n//g; print $out "$said\\n" }
' </dev/null >/dev/null 2>&1 &`;

const root = '/opt/gluu-server-3.1.6';
const onHost = async (host: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await lab.exec(host, ['sh', '-euc', script]);
  if (code !== 0) throw new Error(`${script}: ${stdout}${stderr}`);
  return stdout;
};
const ask = async <R>(path: string): Promise<R> => (await (await belay.request(path)).json()) as R;
const logs = async (query: string): Promise<LogsAnswer> => ask<LogsAnswer>(`/v1/logs?${query}`);

it('collects the logs of real servers once each, over rotation, without their passwords and what else is not to be kept', async () => {
  await carryThrough(belay, 'runbooks/gluu/collect-logs.yaml', {});
  const { sources } = await ask<SourcesAnswer>('/v1/sources');
  const known = sources.map(({ host, source }) => `${host} ${source}`);
  for (const node of ['node1', 'node2'])
    for (const source of ['oxauth', 'oxtrust', 'httpd', 'opendj', 'opendj-error'])
      expect(known).toContain(`${node} ${source}`);
  for (const one of ['balancer nginx', 'balancer redis']) expect(known).toContain(one);
  expect(sources.filter(({ gaps, behind }) => gaps > 0 || behind > 0)).toEqual([]);
  expect((await logs('host=node1&source=opendj&limit=5')).records).toHaveLength(5);

  const log = `${root}/opt/gluu/jetty/oxauth/logs/oxauth.log`;
  const now = (await onHost('node1', 'date "+%Y-%m-%d %H:%M:%S"')).trim();
  await onHost(
    'node1',
    `printf '%s\\n' '${now},001 ERROR [marker-one] login of ann@example.org' ' with password=hunter2' '${now},002 INFO [marker-two]' >>${log}
     cp -p ${log} ${log}.1; touch -d '-2 minutes' ${log}.1; : >${log}; printf '%s\\n' '${now},003 INFO [marker-three] of customer 4711-0815' '${now},004 INFO [after]' >>${log}`,
  );
  const mask = ['\\d{4}-\\d{4}\\b'];
  await carryThrough(belay, 'runbooks/gluu/collect-logs.yaml', { mask });
  await carryThrough(belay, 'runbooks/gluu/collect-logs.yaml', { mask });
  const { records, gaps } = await logs(
    `host=node1&source=oxauth&text=${encodeURIComponent('[marker-')}&labels=layout=3.1.6`,
  );
  expect(records.map(({ text }) => text.slice(24))).toEqual([
    'INFO [marker-three] of customer ***',
    'INFO [marker-two]',
    'ERROR [marker-one] login of ***\n with password=***',
  ]);
  expect(gaps).toEqual([]);
}, 900_000);

it('collects numbers of hosts, services and directories', async () => {
  await carryThrough(belay, 'runbooks/gluu/collect-metrics.yaml', {});
  const { metrics } = await ask<MetricNamesAnswer>('/v1/metrics');
  const on = (host: string): Record<string, number> =>
    Object.fromEntries(metrics.filter((one) => one.host === host).map((one) => [one.name, one.value]));
  for (const host of ['node1', 'node2', 'balancer']) {
    const numbers = on(host);
    for (const wanted of ['load1', 'uptime_seconds', 'memory_available_bytes', 'cpu_seconds_total{mode="idle"}'])
      expect(numbers[wanted], `${wanted} of ${host}`).toBeGreaterThanOrEqual(0);
    expect(Object.keys(numbers).some((one) => one.startsWith('network_receive_bytes_total{'))).toBe(true);
    expect(Object.keys(numbers).some((one) => one.startsWith('disk_available_bytes{'))).toBe(true);
  }
  for (const node of ['node1', 'node2']) {
    expect(on(node)['service_up{service="opendj"}']).toBe(1);
    expect(on(node)['directory_operations_total{kind="search"}']).toBeGreaterThan(0);
    expect(on(node)['directory_entries{backend="userRoot"}']).toBeGreaterThan(10);
  }
}, 600_000);

it('collects what the tunnel and csync2 write to the syslog, and tells which services run on every host', async () => {
  await carryThrough(belay, 'runbooks/gluu/file-sync.yaml', {});
  for (const host of ['node1', 'node2', 'balancer']) await onHost(host, syslog);
  await onHost(
    'node1',
    `logger -t other 'stunnel: of somebody else'
     redis-cli -p 16379 PING; gluu-file-sync wait; sleep 1`,
  );
  await onHost('node2', 'service openbsd-inetd stop');
  await onHost('node1', `touch ${root}/etc/gluu/conf/marker; gluu-file-sync wait || true; sleep 1`);
  await carryThrough(belay, 'runbooks/gluu/collect-logs.yaml', {});
  const said = async (host: string, source: string): Promise<string> =>
    (await logs(`host=${host}&source=${source}&limit=50`)).records.map(({ text }) => text).join('\n');
  expect(await said('node1', 'stunnel')).toMatch(/stunnel\S*: .*accepted connection/);
  expect(await said('balancer', 'cache-stunnel')).toMatch(/stunnel\S*: .*accepted connection/);
  expect(await said('node1', 'csync2')).toMatch(/gluu-file-sync\S*: csync2 ended with/);
  expect(await said('node1', 'stunnel')).not.toContain('somebody else');

  const up = async (host: string): Promise<string[]> => {
    await carryThrough(belay, 'runbooks/gluu/collect-metrics.yaml', {});
    const { metrics } = await ask<MetricNamesAnswer>('/v1/metrics');
    return metrics
      .filter((one) => one.host === host && /"(nginx|redis|stunnel|csync2)"/.test(one.name))
      .map((one) => `${one.name.replace(/^service_up\{service="(.*)"\}$/, '$1')} ${String(one.value)}`)
      .sort();
  };
  expect(await up('node1')).toEqual(['csync2 1', 'stunnel 1']);
  expect(await up('node2')).toEqual(['csync2 0', 'stunnel 1']);
  expect(await up('balancer')).toEqual(['nginx 1', 'redis 1', 'stunnel 1']);
  await onHost('balancer', 'for one in nginx stunnel4 redis-server; do service $one stop; done');
  expect(await up('balancer')).toEqual(['nginx 0', 'redis 0', 'stunnel 0']);
  await onHost('balancer', 'for one in redis-server stunnel4 nginx; do service $one start; done');
  await onHost('node2', 'service openbsd-inetd start');
}, 900_000);

it('moves the cache refresh to one node, once, and back', async () => {
  const snapshots = `${root}/var/ox/identity/cr-snapshots`;
  await onHost('node2', `mkdir -p ${snapshots}; echo old >${snapshots}/inum-snapshot.txt`);
  const { run } = await carryThrough(belay, 'runbooks/gluu/cache-refresh-owner.yaml', { owner: 'node2' });
  expect((await onHost('node2', `ls ${snapshots}`)).trim()).toBe('');
  const again = await carryThrough(belay, 'runbooks/gluu/cache-refresh-owner.yaml', { owner: 'node2' });
  expect(again.changed).toEqual([]);
  await carryBack(belay, run);
  expect((await onHost('node2', `cat ${snapshots}/inum-snapshot.txt`)).trim()).toBe('old');
  const { hash } = await belay.plan('runbooks/gluu/cache-refresh-owner.yaml', { owner: 'node9' });
  const refused = await belay.start(hash);
  expect((await belay.until(refused, ['failed', 'waiting', 'succeeded'], 300)).state).toBe('failed');
}, 900_000);

it('deletes what is over and nothing else, and asks where that is much', async () => {
  const entries = [
    ['a', '20200101000000Z', ''],
    ['b', '20200101000000Z', 'del: true\n'],
    ['kept', '20200101000000Z', 'del: false\n'],
    ['to-come', '20990101000000Z', 'del: true\n'],
    ['lately', new Date(Date.now() - 7_200_000).toISOString().replace(/[-:T]|\.\d+/g, ''), ''],
  ].map(
    ([id, end, del]) =>
      `dn: uniqueIdentifier=${id},oxAuthGrantId=g,o=gluu\nobjectClass: top\nobjectClass: oxAuthToken\nuniqueIdentifier: ${id}\noxAuthExpiration: ${end}\n${del}\n`,
  );
  const grant = 'dn: oxAuthGrantId=g,o=gluu\nobjectClass: top\nobjectClass: oxAuthGrant\noxAuthGrantId: g\n\n';
  const password = readFileSync(join(lab.folder, 'with/secrets/gluu-directory-manager'), 'utf8');
  const connect = `--useSSL --hostname "$(hostname -s).lab.test" --port 1636 --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin --bindDN 'cn=directory manager' --bindPasswordFile /tmp/pw`;
  const tool = async (name: string, words: string, input = ''): Promise<string> => {
    const script = `umask 077; printf %s '${password}' >${root}/tmp/pw; cat >${root}/tmp/in; OPENDJ_JAVA_HOME=/opt/jre chroot ${root} /opt/opendj/bin/${name} ${connect} ${words}; rm ${root}/tmp/pw`;
    const { code, stdout, stderr } = await lab.exec('node1', ['sh', '-euc', script], input);
    if (code !== 0) throw new Error(stdout + stderr);
    return stdout;
  };
  await tool('ldapmodify', '-a --filename /tmp/in', grant + entries.join(''));
  const { hash } = await belay.plan('runbooks/gluu/clean-expired-tokens.yaml', { without_asking: 1 });
  const refused = await belay.start(hash);
  expect((await belay.until(refused, ['failed', 'waiting', 'succeeded'], 300)).state).toBe('failed');
  expect(await failures(belay, refused)).toEqual(['few@node1']);
  await carryThrough(belay, 'runbooks/gluu/clean-expired-tokens.yaml', { without_asking: 1, many: true, pause: 0 });
  const left = async (): Promise<string[]> => {
    const found = await tool('ldapsearch', "--baseDN oxAuthGrantId=g,o=gluu '(objectClass=oxAuthToken)' 1.1");
    return [...found.matchAll(/uniqueIdentifier=([a-z-]+)/g)].map(([, id = '']) => id).sort();
  };
  expect(await left()).toEqual(['kept', 'lately', 'to-come']);
  // What has ended lately goes when less grace is given, and its class is among those that may go.
  const sooner = { grace: '1h', pause: 0 };
  await carryThrough(belay, 'runbooks/gluu/clean-expired-tokens.yaml', { ...sooner, classes: ['oxAuthGrant'] });
  expect(await left()).toEqual(['kept', 'lately', 'to-come']);
  await carryThrough(belay, 'runbooks/gluu/clean-expired-tokens.yaml', { ...sooner, classes: ['oxAuthToken'] });
  expect(await left()).toEqual(['kept', 'to-come']);
}, 600_000);
