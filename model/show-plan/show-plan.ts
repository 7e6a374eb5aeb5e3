import type { Plan } from '../plan.js';

/** The plan as an operator reads it before approving, with its hash last. Secrets are never in it: holes stay as written. */
export function showPlan(_plan: Plan, _hash: string): string {
  throw new Error('the plan page is being written');
}
