import { EntityManager } from 'typeorm';
import type { Plan, PlanSources } from '../model/plan.js';
import type { Database } from './connect.js';
import { apart, sourcesApart, sourcesTogether, together, writeContents, type Contents } from './contents.js';
import { rows, type Reach } from './query.js';
import { UnknownPlan } from './refusals.js';
import { exactJson } from './storable.js';
import { planSourcesTable, plansTable } from './tables/runs.js';

/** Plans never change, so the last few that were read are kept in memory. */
const remembered = new WeakMap<Database, Map<string, Plan>>();
const rememberedAtMost = 16;

/**
 * Keeps a plan under its hash, with what it was compiled from; large files once for all plans. Storing it twice is
 * harmless.
 *
 * @throws Unstorable
 */
export async function storePlan(db: Database, plan: Plan, hash: string, sources?: PlanSources): Promise<void> {
  const contents: Contents = new Map();
  const stored = apart(plan, contents);
  const storedSources = sources && sourcesApart(sources, contents);
  // First, so that whoever finds the plan finds them, too.
  await writeContents(db, contents);
  await rows(db, 'insert into plans (hash, plan) values ($1, $2) on conflict do nothing', [
    hash,
    exactJson(stored, 'the plan'),
  ]);
  if (storedSources)
    await rows(db, 'insert into plan_sources (plan_hash, sources) values ($1, $2) on conflict do nothing', [
      hash,
      exactJson(storedSources, 'the inputs'),
    ]);
}

/** What a plan was compiled from; undefined for one that was stored without. */
export async function readSources(db: Database, hash: string): Promise<PlanSources | undefined> {
  const stored = (await db.getRepository(planSourcesTable).findOneBy({ plan_hash: hash }))?.sources;
  return stored && sourcesTogether(db, stored);
}

/** @throws UnknownPlan */
export async function readPlan(reach: Reach, hash: string): Promise<Plan> {
  const db = reach instanceof EntityManager ? reach.connection : reach;
  const known = remembered.get(db) ?? new Map<string, Plan>();
  remembered.set(db, known);
  const plan = known.get(hash) ?? (await storedPlan(reach, hash));
  remember(known, hash, plan);
  return plan;
}

async function storedPlan(reach: Reach, hash: string): Promise<Plan> {
  const stored = (await reach.getRepository(plansTable).findOneBy({ hash }))?.plan;
  if (!stored) throw new UnknownPlan(hash);
  return together(reach, stored);
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
