import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { stringify } from 'yaml';
import { gluuValues } from './gluu/hosts.js';
import type { LabDirectory, LabHost } from './lab.js';
import { projectFolder } from './places.js';
import type { LabRecord } from './record.js';

/** The secret by which the inventory names the lab's private key. */
export const keySecret = 'lab-key';

/** The inventory of a lab, in Belay's own format. The directory's host tells how the directory is reached and trusted. */
export async function inventoryText(
  record: LabRecord,
  hosts: readonly LabHost[],
  directory?: LabDirectory,
): Promise<string> {
  const reached = directory && {
    ldap_url: directory.url,
    ldap_authority: await readFile(directory.authorityFile, 'utf8'),
  };
  const schema = relative(record.folder, join(projectFolder(), 'docs', 'schema', 'inventory.json'));
  const entries = hosts.map(async (host) => [
    host.name,
    {
      address: host.address,
      port: host.port,
      user: 'root',
      key: { secret: keySecret },
      host_keys: host.hostKeys,
      values: {
        fqdn: host.fqdn,
        ...(host.name === directory?.host && reached),
        ...(await gluuValues(record, host.name)),
        ...record.description.hosts[host.name]?.values,
      },
    },
  ]);
  const text = stringify(
    { hosts: Object.fromEntries(await Promise.all(entries)), groups: record.description.groups },
    { lineWidth: 0 },
  );
  return `# yaml-language-server: $schema=${schema}\n${text}`;
}
