import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

/** Ticks of a second in `/proc`; the same on every Linux that runs Node. */
const ticks = 100;

/** Whose processes those in our own network are; those in a network of the lab's are the hosts'. */
const ours: readonly (readonly [string, RegExp])[] = [
  ['worker', /build\/apps\/worker\/main\.js/],
  ['api', /build\/apps\/api\/main\.js/],
  ['postgres', /bin\/postgres|^postgres:/],
  ['temporal', /temporal/],
  ['bench', /build\/bench\/main\.js/],
];

/** Seconds of processor time so far, by who used them, of all that lives and of all whose end somebody has taken note of. */
export function processorTime(): Readonly<Record<string, number>> {
  const used: Record<string, number> = {};
  const hosts = new Set(readdirSync('/run/netns').map((name) => `net:[${statSync(`/run/netns/${name}`).ino}]`));
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      const who = whose(pid, hosts);
      if (who !== undefined) used[who] = (used[who] ?? 0) + timeOf(pid);
    } catch {
      // It ended while it was looked at.
    }
  }
  return used;
}

/** What was used between two looks. */
export function usedSince(before: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(processorTime()).map(([who, seconds]) => [who, Math.max(0, seconds - (before[who] ?? 0))]),
  );
}

function whose(pid: string, hosts: ReadonlySet<string>): string | undefined {
  const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  const network = readlinkSync(`/proc/${pid}/ns/net`);
  if (hosts.has(network)) return command.startsWith('sshd') ? 'sshd' : 'shells';
  if (network !== readlinkSync('/proc/self/ns/net')) return undefined;
  return ours.find(([, pattern]) => pattern.test(command))?.[0];
}

/** Its own seconds and those of its children that have ended. */
function timeOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) / ticks;
}
