import { onlyReads, operationOf, type PlannedStep } from './plan.js';

/** A machine of a group that does not count as up, and for which run. */
export interface DownMachine {
  readonly machine: string;
  /** Its name in that run. */
  readonly host: string;
  readonly run: string;
  readonly startedBy: string;
  readonly why: DownBecause;
}

/**
 * Why a machine counts as down. `wave`: it is in a wave that has begun and is not over, or was when its run ended
 * badly. `running`: a step that may change something runs on it. `going-back`: an undo is at work on it. `failed`: the
 * last thing that was tried on it stands failed, unreachable or unknown.
 */
export type DownBecause = 'wave' | 'running' | 'going-back' | 'failed';

/** How many machines of a group may be down at a time, over all runs. */
export interface Budget {
  readonly down: number;
  /** Machines of the group by host name. */
  readonly machines: Readonly<Record<string, string>>;
}

/** Why a wave may not begin yet. */
export interface OverBudget {
  readonly group: string;
  readonly down: number;
  /** Hosts of the wave that are in the group. */
  readonly ours: readonly string[];
  /** Those that are down already, one a machine. */
  readonly others: readonly DownMachine[];
  /** There is room, but this run has waited for room in the group for longer. */
  readonly first?: { readonly run: string; readonly startedBy: string };
}

/** Whether a step may leave the host otherwise or out of service while it runs. */
export function disturbs(step: PlannedStep, host: string): boolean {
  const on = operationOf(step, host)?.on;
  return (on === 'host' || on === 'ldap' || on === 'sql') && !onlyReads(step);
}

/**
 * The first group whose budget a wave would exceed: its own machines together with all others of the group that are
 * down. A wave that disturbs no machine of a group never exceeds it.
 *
 * @param wave - the machines that the wave disturbs
 */
export function overBudget(
  budgets: Readonly<Record<string, Budget>>,
  wave: readonly string[],
  down: readonly DownMachine[],
): OverBudget | undefined {
  for (const [group, { down: most, machines }] of Object.entries(budgets)) {
    const members = new Set(Object.values(machines));
    const ours = Object.entries(machines).filter(([, machine]) => wave.includes(machine));
    const others = new Map(
      down
        .filter(({ machine }) => members.has(machine) && !wave.includes(machine))
        .map((one) => [one.machine, one] as const),
    );
    const together = new Set(ours.map(([, machine]) => machine)).size + others.size;
    if (ours.length > 0 && together > most)
      return { group, down: most, ours: ours.map(([host]) => host), others: [...others.values()] };
  }
  return undefined;
}

/** What a run that waits for room says of itself. */
export function budgetWords({ group, down, ours, others, first }: OverBudget): string {
  const before = `waits before ${ours.join(', ')}`;
  if (first)
    return `${before}: run ${first.run}, started by ${first.startedBy}, has waited for room in ${group} for longer`;
  const who = others.map(
    ({ host, run, startedBy, why }) => `${host} (${words[why]} run ${run}, started by ${startedBy})`,
  );
  return `${before}: at most ${down} of ${group} may be down, and down is ${who.join(', ')}`;
}

const words: Readonly<Record<DownBecause, string>> = {
  wave: 'in a wave of',
  running: 'at work in',
  'going-back': 'going back in',
  failed: 'failed in',
};
