// cspell:words inumorg inumappliance
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '../../lab/lab.js';
import type { Plan } from '../../model/plan.js';
import type { RunAnswer } from '../../model/answers.js';
import type { Belay } from '../end-to-end/belay.js';

/** The root of the container that Gluu's package brings. */
export const root = '/opt/gluu-server-3.1.6';

/** What the servers were set up with; the runbooks have it from the store of secrets. */
export const passwords = { manager: 'managing-is-what-I-do', stores: 'keystores-of-the-lab' };

const install = `
echo 'deb [trusted=yes] http://packages.lab.test/gluu/ ./' >/etc/apt/sources.list.d/gluu.list
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq gluu-server-3.1.6
service gluu-server-3.1.6 start
cd ${root}/install/community-edition-setup
printf '%s\\n' "ip=$1" hostname=login.lab.test ldapPass=${passwords.manager} opendj_p12_pass=${passwords.stores} \\
  orgName=Lab countryCode=AT state=Vienna city=Vienna admin_email=admin@lab.test encode_salt=123456789012345678901234 \\
  'inumOrg=@!1111.2222.3333.4444!0001!AAAA.BBBB' 'inumAppliance=@!1111.2222.3333.4444!0002!CCCC.DDDD' $2 >setup.properties
shift 2
exec chroot ${root} /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \\
  /usr/bin/python3 /install/community-edition-setup/setup.py -n "$@"`;

/**
 * Has Gluu be on nodes, as the vendor's own set-up leaves it: with entries on the first, with none on the others.
 *
 * @param settings - of setup.properties, `key=value` without spaces; they come after the usual ones, so they count
 */
export async function installGluu(lab: Lab, nodes: readonly string[], settings = ''): Promise<void> {
  await Promise.all(
    nodes.map(async (node, index) => {
      const words = [
        'sh',
        '-euc',
        install,
        'sh',
        lab.host(node).address,
        settings,
        ...(index > 0 ? ['--no-data'] : []),
      ];
      const { code, stdout, stderr } = await lab.exec(node, words);
      if (code !== 0) throw new Error(`Gluu on ${node}: ${stdout}${stderr}`);
    }),
  );
}

const search = `
printf %s "$1" | chroot "$4" /usr/bin/env -i PATH=/usr/bin:/bin OPENDJ_JAVA_HOME=/opt/jre /opt/opendj/bin/ldapsearch \\
  --hostname "$2" --port 1636 --useSSL --trustAll --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin \\
  --baseDN "$3" '(objectClass=*)'`;

/**
 * What a node's directory holds below a base: each entry as its LDIF, in an order of its own.
 *
 * @param password - of the directory manager
 * @param at - where its OpenDJ listens
 * @param container - the root of its container
 */
export async function entriesHeld(
  lab: Lab,
  node: string,
  password: string,
  at: string,
  container = root,
): Promise<string[]> {
  const held: string[] = [];
  for (const base of ['o=gluu', 'o=site']) {
    const { code, stdout, stderr } = await lab.exec(node, ['sh', '-euc', search, 'sh', password, at, base, container]);
    if (code !== 0) throw new Error(`directory of ${node}: ${stderr}`);
    held.push(...stdout.replaceAll('\n ', '').split('\n\n'));
  }
  return held.map((entry) => entry.trim().split('\n').sort().join('\n')).sort();
}

/** Starts a shipped runbook of `runbooks/gluu`, and says yes to whatever it asks, until it ends or needs a decision. */
export async function runGluu(
  belay: Belay,
  name: string,
  inputs: Readonly<Record<string, unknown>> = {},
  inventory?: string,
): Promise<{ run: string; ended: RunAnswer; plan: Plan }> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-gluu-'));
  try {
    cpSync('runbooks/gluu', folder, { recursive: true });
    cpSync(`runbooks/gluu/${name}.yaml`, join(folder, 'runbook.yaml'));
    const { hash, plan } = await belay.plan(folder, inputs, inventory);
    const run = await belay.start(hash);
    return { run, ended: await throughApprovals(belay, run), plan };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function throughApprovals(belay: Belay, run: string): Promise<RunAnswer> {
  for (;;) {
    const now = await belay.until(run, ['succeeded', 'failed', 'waiting'], 600);
    if (now.state !== 'waiting' || now.standing['for'] !== 'approval') return now;
    await belay.approve(run, Number(now.standing['phase']));
    await belay.until(run, ['running', 'succeeded', 'failed'], 60);
  }
}

/** An inventory in which the first two nodes have changed places. */
export function swapped(lab: Lab): string {
  return readFileSync(lab.inventoryFile, 'utf8').replace(
    /nodes:\n( +)- node1\n +- node2/,
    'nodes:\n$1- node2\n$1- node1',
  );
}

/** Has the directory of a node stand still while something is looked at. */
export async function withoutDirectory(
  on: (host: string, script: string) => Promise<string>,
  node: string,
  look: () => Promise<void>,
): Promise<void> {
  await on(node, `chroot ${root} /etc/init.d/opendj stop`);
  try {
    await look();
  } finally {
    await on(node, `chroot ${root} /etc/init.d/opendj start </dev/null >/dev/null 2>&1`);
  }
}
