import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ensureBase } from '../../lab/base.js';
import type { Lab } from '../../lab/lab.js';
import { ensurePackages } from '../../lab/packages.js';
import { must } from '../../lab/program.js';
import { carryThrough } from './carry-through.js';
import type { ClusterLab } from './gluu-cluster-lab.js';
import { small } from './gluu-world.js';
import { inShell } from './runbook-lab.js';

/** A way in which a balancer does not do what it must: what stands there for a text of its configuration, and who sees it. */
export interface Wrong {
  readonly what: string;
  readonly red: string;
  readonly text: string;
  readonly instead: string;
}

const { right, wrong } = parse(readFileSync('test/cases/runbooks/foreign/haproxy.yaml', 'utf8')) as {
  right: string;
  wrong: readonly Wrong[];
};
export { wrong };

const drain = `use IO::Socket::UNIX;
my ($node, $state) = @ARGV;
my $socket = IO::Socket::UNIX->new('/run/haproxy.sock') or die "no HAProxy: $!\\n";
print $socket join('; ', map { "set server $_/$node state $state" } qw(in_turn by_client)), "\\n";
my $said = join '', <$socket>;
die $said if $said =~ /\\S/;`;

/** What its people tell a balancer of the cluster. */
export interface News {
  /** The name that clients use. */
  readonly name?: string;
  /** Where nodes are that are not where the lab has put them. */
  readonly addresses?: Readonly<Record<string, string>>;
  /** What it shows clients: certificate and key, in PEM. */
  readonly shows?: string;
  /** What it knows nodes by: authorities, in PEM. */
  readonly trusts?: string;
}

/** In it lies what a balancer of another make knows nodes by. */
export const trusted = '/etc/haproxy/nodes.crt';

/** A balancer of another make, HAProxy, in the place of the nginx that Belay has set up. */
export interface ForeignBalancer {
  /** Has it work in the given wrong ways, and otherwise as it must. */
  works(ways: readonly Wrong[]): Promise<void>;
  /** `drain`: the node gets no requests any more; `ready`: it does. */
  set(node: string, state: string): Promise<void>;
  /** Has it go by that from now on, with no request lost; what is not said stays as it is. */
  told(news: News): Promise<void>;
  /** Whether what it works by is what it was last told, and it has not started anew since. */
  leftAlone(): Promise<boolean>;
}

/** Ends nginx, and puts HAProxy there, with the same certificate. Its packages come from Debian, once. */
export async function foreignBalancer({ lab, belay }: ClusterLab): Promise<ForeignBalancer> {
  const say = (line: string): void => void process.stderr.write(`lab: ${line}\n`);
  const packages = await ensurePackages(await ensureBase(say), ['haproxy'], say);
  const debs = readdirSync(packages).filter((one) => one.endsWith('.deb'));
  for (const deb of debs) await put(lab, `/root/haproxy/${deb}`, readFileSync(join(packages, deb)));
  await inShell(lab, 'balancer', 'cp -r /etc/nginx/ssl /root/haproxy/ssl');
  await carryThrough(belay, 'runbooks/gluu/balancer-end.yaml', { public_name: small.public_name });
  await inShell(
    lab,
    'balancer',
    `printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d
dpkg -i /root/haproxy/*.deb >/root/haproxy/said 2>&1 || { cat /root/haproxy/said >&2; exit 1; }
rm /usr/sbin/policy-rc.d
umask 077; cd /root/haproxy/ssl; cat httpd.crt httpd.key >/etc/haproxy/login.pem; cp nodes.crt ${trusted}`,
  );
  let known: Required<Pick<News, 'name' | 'addresses'>> = { name: small.public_name, addresses: {} };
  let left = '';
  const standing = async (): Promise<string> =>
    inShell(lab, 'balancer', 'sha256sum /etc/haproxy/*.*; cat /run/haproxy.pid');
  const goesBy = async (written: string, how: 'reload' | 'restart'): Promise<void> => {
    const { name, addresses } = known;
    const here = written
      .replaceAll(small.public_name, name)
      .replaceAll(/NODE(\d)/g, (_, at: string) => addresses[`node${at}`] ?? lab.host(`node${at}`).address);
    await put(lab, '/etc/haproxy/haproxy.cfg', here);
    await inShell(lab, 'balancer', `service haproxy ${how} </dev/null >/root/haproxy/said 2>&1`);
    left = await standing();
  };
  return {
    works: async (ways) =>
      goesBy(
        ways.reduce((text, one) => text.replace(one.text, one.instead), right),
        'restart',
      ),
    async told({ shows, trusts, ...news }) {
      known = { ...known, ...news };
      if (shows !== undefined) await put(lab, '/etc/haproxy/login.pem', shows);
      if (trusts !== undefined) await put(lab, trusted, trusts);
      await goesBy(right, 'reload');
    },
    leftAlone: async () => (await standing()) === left,
    async set(node, state) {
      const { code, stderr } = await lab.exec('balancer', ['perl', '-e', drain, node, state]);
      if (code !== 0) throw new Error(stderr);
    },
  };
}

async function put(lab: Lab, path: string, bytes: string | Uint8Array): Promise<void> {
  const { code, stderr } = await lab.exec(
    'balancer',
    ['sh', '-c', 'mkdir -p "${1%/*}" && cat >"$1"', 'sh', path],
    bytes,
  );
  if (code !== 0) throw new Error(stderr);
}

/** How its management takes a request: it does so, does nothing of it though it says so, or fails. */
export type Mood = 'obeys' | 'lies' | 'fails';

/** The management of a balancer, over HTTPS, as many have it: `METHOD /servers/NODE` with `{ "state": … }`. */
export interface Management {
  readonly url: string;
  /** PEM of its certificate, which is its own authority. */
  readonly authority: string;
  mood: Mood;
  /** Each request that came: method, node and state; or why it was turned away. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** It listens where the lab's hosts see the lab's machine: Belay sends no request to an address of the loopback. */
export async function managementOf(lab: Lab, { set }: ForeignBalancer, token: string): Promise<Management> {
  const here = lab.host('balancer').address.replace(/\d+$/, '254');
  const pair = await must([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=balancer', '-addext', `subjectAltName=IP:${here}`, '-keyout', '-'],
  ]);
  const [key = '', cert = ''] = ['PRIVATE KEY', 'CERTIFICATE'].map(
    (kind) => new RegExp(`-----BEGIN ${kind}-----[^]*?-----END ${kind}-----\n`).exec(pair)?.[0],
  );
  const server = createServer({ key, cert }, (request, response) => {
    void (async () => {
      let body = '';
      for await (const part of request) body += String(part);
      if (request.headers.authorization !== `Bearer ${token}`) {
        management.asked.push('a stranger');
        return response.writeHead(401).end();
      }
      const node = /^\/servers\/(\w+)$/.exec(request.url ?? '')?.[1] ?? '';
      const { state } = JSON.parse(body) as { state: string };
      management.asked.push(`${String(request.method)} ${node} ${state}`);
      if (management.mood === 'fails') return response.writeHead(500).end();
      if (management.mood === 'obeys') await set(node, state);
      return response.writeHead(204).end();
    })().catch(() => response.writeHead(502).end());
  });
  await new Promise<void>((resolve) => server.listen(0, here, resolve));
  const management: Management = {
    url: `https://${here}:${String((server.address() as AddressInfo).port)}/servers/NODE`,
    authority: cert,
    mood: 'obeys',
    asked: [],
    close: async () => new Promise((resolve) => void server.close(() => resolve())),
  };
  return management;
}
