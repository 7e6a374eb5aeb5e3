import { EntityManager } from 'typeorm';
import type { Plan } from '../model/plan.js';
import type { Database } from './connect.js';
import { rows, type Reach } from './query.js';
import { UnknownPlan } from './refusals.js';
import { exactJson } from './storable.js';
import { plansTable } from './tables/runs.js';

/** Plans never change, so the last few that were read are kept in memory. */
const remembered = new WeakMap<Database, Map<string, Plan>>();
const rememberedAtMost = 16;

/**
 * Keeps a plan under its hash. Storing it twice is harmless.
 *
 * @throws Unstorable
 */
export async function storePlan(db: Database, plan: Plan, hash: string): Promise<void> {
  await rows(db, 'insert into plans (hash, plan) values ($1, $2) on conflict do nothing', [
    hash,
    exactJson(plan, 'the plan'),
  ]);
}

/** @throws UnknownPlan */
export async function readPlan(reach: Reach, hash: string): Promise<Plan> {
  const db = reach instanceof EntityManager ? reach.connection : reach;
  const known = remembered.get(db) ?? new Map<string, Plan>();
  remembered.set(db, known);
  const plan = known.get(hash) ?? (await reach.getRepository(plansTable).findOneBy({ hash }))?.plan;
  if (!plan) throw new UnknownPlan(hash);
  remember(known, hash, plan);
  return plan;
}

/** A map gives its keys in the order of insertion, so the first one is the one that was not read for longest. */
function remember(known: Map<string, Plan>, hash: string, plan: Plan): void {
  known.delete(hash);
  known.set(hash, plan);
  for (const oldest of known.keys()) {
    if (known.size <= rememberedAtMost) return;
    known.delete(oldest);
  }
}
