import { createHash } from 'node:crypto';
import type { Lab } from '../../../lab/lab.js';
import { root } from '../gluu-servers.js';

/** Each line of each entry below `o=gluu`, `o=site` and `cn=config`, as `DN<tab>ATTRIBUTE<tab>DIGEST`, by node; nothing of a server that is off. */
export type Directories = Readonly<Record<string, ReadonlySet<string>>>;

/** What changes in the directory by itself, is raised and never lowered, or is drawn anew whenever servers join each other. */
const moving =
  /^(oxRevision|oxLastAccessTime|oxLastLogonTime|oxTrustCacheRefreshLastUpdate\w*|ds-cfg-(replication-)?server-id|ds-sync-generation-id|(create|modify)Timestamp|(creators|modifiers)Name|entryUUID)$/i;

/** What every node's directory holds, asked on its host with the manager's password. */
export async function readDirectories(lab: Lab, manager: string, nodes: readonly string[]): Promise<Directories> {
  const read = nodes.map(async (node) => {
    const asked = await lab.exec(node, ['sh', '-c', search, 'sh', lab.host(node).fqdn], manager);
    return [node, new Set(linesOf(asked.stdout))] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

const search = `[ -e ${root}/opt/opendj/config/cluster.p12 ] || exit 0
export OPENDJ_JAVA_HOME=/opt/jre
password=$(cat)
for base in o=gluu o=site; do
  printf %s "$password" | chroot ${root} /opt/opendj/bin/ldapsearch --useSSL --hostname "$1" --port 1636 \\
    --trustStorePath /opt/opendj/config/cluster.p12 --trustStorePasswordFile /opt/opendj/config/cluster.pin \\
    --bindDN 'cn=directory manager' --bindPasswordFile /dev/stdin --baseDN $base '(objectClass=*)' 2>/dev/null
  echo
done
cat ${root}/opt/opendj/config/config.ldif`;

/** Each line of each entry, as `Directories` has them. */
export function linesOf(ldif: string): string[] {
  return ldif
    .replaceAll('\n ', '')
    .split(/\n\n+/)
    .flatMap((entry) => {
      const [dn = '', ...lines] = entry.trim().split('\n');
      return lines.flatMap((line) => {
        const name = line.slice(0, line.indexOf(':'));
        return moving.test(name) ? [] : [[dn.replace(/^dn:+ /, ''), name, digest(line)].join('\t')];
      });
    });
}

/** Of a value; of a Boolean however OpenDJ spells it, `true` in what it brings and `TRUE` where it has written its configuration anew. */
const digest = (line: string): string =>
  createHash('sha256')
    .update(line.replace(/: (true|false)$/i, (value) => value.toLowerCase()))
    .digest('hex')
    .slice(0, 8);

/** What is otherwise, by node, entry and attribute; never a value, for some are secret. */
export function compareDirectories(before: Directories, after: Directories): string[] {
  return Object.keys(before).flatMap((node) => {
    const [was = new Set<string>(), is = new Set<string>()] = [before[node], after[node]];
    const other = [...[...was].filter((line) => !is.has(line)), ...[...is].filter((line) => !was.has(line))];
    const named = new Set(other.map((line) => line.split('\t').slice(0, 2).join(' ')));
    return [...named].map((one) => `${node} directory ${one}`);
  });
}
