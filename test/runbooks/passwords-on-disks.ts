import type { Lab } from '../../lab/lab.js';
import { needle } from '../chaos/needles.js';
import { searchHost } from '../chaos/search-host.js';
import { hidden } from './hidden.js';

/** Where programs of the cluster keep passwords themselves, and where Belay keeps what undo puts back. */
const meant = new RegExp(
  [
    '/etc/redis/redis\\.conf$',
    '/opt/opendj/(?:db|changelogDb)/',
    '/etc/gluu/conf/ox-ldap\\.properties$',
    '/var/lib/belay/[^/]+/t/\\d+/(?:pre|backup)/',
  ].join('|'),
);

/** Files of hosts in which one of these passwords lies, in clear or as Gluu hides it, though none is meant to. */
export async function passwordsOnDisks(
  lab: Lab,
  hosts: readonly string[],
  passwords: Readonly<Record<string, string>>,
  salt: string,
): Promise<string[]> {
  const needles = Object.entries(passwords).flatMap(([name, value]) => [
    needle(name, value),
    needle(`hidden ${name}`, hidden(value, salt)),
  ]);
  const found = await Promise.all(
    hosts.map(async (host) => searchHost(lab, host, needles, (path) => meant.test(path))),
  );
  // An `edit` of a file in which hidden ones stand hands on the whole file, which Belay cannot know for a secret.
  return found.flat().filter((line) => !/^hidden .*\.in$/.test(line));
}
