import type { Plan } from '../model/plan.js';
import type { Database } from './connect.js';

/** Keeps a plan under its hash. Storing it twice is harmless. */
export async function storePlan(db: Database, plan: Plan, hash: string): Promise<void> {
  throw new Error('not built yet');
}

/** @throws UnknownPlan */
export async function readPlan(db: Database, hash: string): Promise<Plan> {
  throw new Error('not built yet');
}
