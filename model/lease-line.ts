/** Why a run cannot have its leases yet: the machine that is looked at first, and who is before it there. */
export interface Blocked {
  readonly machine: string;
  /** The machine's name in the run that waits. */
  readonly host: string;
  /** Who holds the machine, or, where nobody does, whose turn is before ours. */
  readonly run: string;
  readonly startedBy: string;
  readonly holds: boolean;
  /** Place in the line for this machine, from 1. */
  readonly place: number;
}

/** What a run that waits for leases says of itself; becomes its standing. */
export function leaseStanding(blocked: Blocked): {
  readonly machine: string;
  readonly host: string;
  readonly run: string;
  readonly startedBy: string;
  readonly place: number;
  readonly because: string;
} {
  const { machine, host, run, startedBy, place } = blocked;
  return { machine, host, run, startedBy, place, because: `waits for ${whoIsBefore(blocked)}` };
}

/** For whom one waits, in words. */
export function whoIsBefore({ host, run, startedBy, holds, place }: Blocked): string {
  const who = `run ${run}, started by ${startedBy}`;
  return holds ? `${host}, ${ordinal(place)} in line, held by ${who}` : `${host}, which is first for ${who}`;
}

/** 1st, 2nd, 3rd, 4th, … 11th, … 21st. */
function ordinal(number: number): string {
  const [tens, ones] = [number % 100, number % 10];
  if (tens >= 11 && tens <= 13) return `${number}th`;
  return `${number}${{ 1: 'st', 2: 'nd', 3: 'rd' }[ones] ?? 'th'}`;
}
