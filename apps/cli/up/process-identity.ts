import { readFileSync } from 'node:fs';

/** One process, told apart from later ones that get the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot, from `/proc/<pid>/stat`. */
  readonly startTime: string;
  readonly bootId: string;
}

/** The identity of a running process; undefined where none has that number (or the system has no `/proc`). */
export function identify(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    // The name, in parentheses, may hold blanks and parentheses itself: count from its last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTime = fields[19];
    if (fields[0] === 'Z' || startTime === undefined) return undefined;
    return { pid, startTime, bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() };
  } catch {
    return undefined;
  }
}

/** Whether the very process still runs. */
export function runs(process: ProcessIdentity): boolean {
  const now = identify(process.pid);
  return now !== undefined && now.startTime === process.startTime && now.bootId === process.bootId;
}
