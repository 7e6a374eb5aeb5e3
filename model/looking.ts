import type { Plan } from './plan.js';

/**
 * A machine has two leases: one for the run that acts on it, and one for the run that only looks. This is the name of
 * that which a run of the plan takes; holder numbers go by it, too.
 */
export function leaseOf(plan: Pick<Plan, 'hosts' | 'onlyLooks'>, host: string): string {
  const planned = plan.hosts[host];
  if (!planned) throw new Error(`the plan names a host ${host} that it does not describe`);
  return plan.onlyLooks === undefined ? planned.machine : lookingLease(planned.machine);
}

/** The lease of whoever only looks at a machine. */
export const lookingLease = (machine: string): string => `${machine} (looking)`;

/**
 * The name of a host's journal for runs that only look. They have one of their own, with its own runner and highest
 * holder, so that neither takes the host from the other. No host is named so: names begin with a letter or digit.
 */
export const lookingJournal = (host: string): string => `_looking.${host}`;
