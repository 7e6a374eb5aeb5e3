import { answeredFor } from './answered-for.js';

/**
 * What a cluster that serves writes by itself: pages and logs of its directory, logs of its services, counters of its JVMs,
 * what Redis saves now and then, what csync2 has seen; what a program of a container that stands still throws away; a
 * library that a JVM has unpacked for as long as it runs; and what OpenDJ writes about itself and its schema whenever it
 * joins others, in another order each time: of its configuration the entries are compared instead.
 */
const living =
  /^\S+ file \S+ (\/opt\/gluu-server-[\d.]+)?(\/opt\/opendj\/(db|changelogDb|logs|locks|tmp\/bc-fips-jni_\d+|config\/(archived-configs|ads-truststore|schema\/99-user\.ldif|upgrade\/schema\.ldif\.current|(admin-backend|config|tasks)\.ldif(\.\w+)?))|\/var\/log|\/var\/lib\/redis\/dump.rdb|\/var\/lib\/csync2\/[\w.-]+\.db3|\/dev\/null|\/opt\/gluu\/jetty\/\w+\/logs|\/tmp\/hsperfdata_\w+)(\/|$| )/;

/** What a shell waits by, and what ends by itself: a listener where a port has been asked for, whoever watches the balancer. */
const waiting = /^\S+ process \S+ uid \d+: (sleep [\d.]+$|perl [^]* belay-gluu-ports |sh -c\s+end=\$\(\(\$\(date )/;

/** A port of such a listener, which comes and goes with it. */
function ofListener(one: string, _index: number, all: readonly string[]): boolean {
  const [, host, change, address, port] = /^(\S+) port (added|removed) tcp (\S+):(\d+)$/.exec(one) ?? [];
  return all.some((two) => {
    const ports = /^(\S+) process (\S+) uid \d+: perl [^]* belay-gluu-ports \d+ (\S+) ([\d ]+)$/.exec(two);
    const same = ports?.[1] === host && ports?.[2] === change && ports?.[3] === address;
    return port !== undefined && same && (ports?.[4] ?? '').split(' ').includes(port);
  });
}

/** What apt knows of its repositories, and the empty folder that dpkg takes away with the last package that lay in it. */
const ofPackages = /^\S+ file (added|changed) \/var\/lib\/apt\/lists\/|^\S+ file removed \/opt$/;

/** A node that had been taken out of the balancer, and gets requests again: no undo takes one out that answers. */
export function inTurn(one: string): boolean {
  const [, before = '', after = ''] =
    /^\S+ file changed \/etc\/nginx\/nginx\.conf ([^]*? )(?=\+ )([^]*)$/.exec(one) ?? [];
  const lines = (text: string): string =>
    text
      .replaceAll(/(^| )[-+](?= )/g, '')
      .replaceAll(/\s+/g, ' ')
      .trim();
  return before !== '' && lines(before).replaceAll(/ (down|drained)(?=;)/g, '') === lines(after);
}

/**
 * The init script of a service keeps whether it starts, and gets another number among the others: Debian draws up the order
 * of all of them anew whenever one is enabled or disabled.
 */
function renumbered(one: string, _index: number, all: readonly string[]): boolean {
  const [, host, change, folder, letter, name] =
    /^(\S+) file (added|removed) (\/etc\/rc\d\.d\/)([KS])\d\d(\S+)$/.exec(one) ?? [];
  const other = `${host} file ${change === 'added' ? 'removed' : 'added'} ${folder}${letter}`;
  return change !== undefined && all.some((two) => two.startsWith(other) && two.slice(other.length + 2) === name);
}

/** Differences of servers that run that somebody would have to answer for; what their directories hold is to be asked of them. */
export const otherThanLiving = (differences: readonly string[]): string[] =>
  answeredFor(differences)
    .filter((one, index, all) => !ofListener(one, index, all))
    .filter((one) => !living.test(one) && !waiting.test(one) && !ofPackages.test(one) && !inTurn(one))
    .filter((one, index, all) => !renumbered(one, index, all));
