import type { EntityManager } from 'typeorm';
import { approvedPart, inOrder, otherwise, type Look } from '../model/live/look.js';
import type { Database } from './connect.js';
import { canonical, sha256 } from './digest.js';
import { row, rows, transaction, type Reach } from './query.js';
import { UnknownLivePlan } from './refusals.js';
import { lockRun } from './run-row.js';
import { json, storableText } from './storable.js';
import type { LivePlanRow } from './tables/live.js';

/** A live plan: what a plan would do on its hosts at one time. */
export interface LivePlan {
  readonly live: string;
  readonly planHash: string;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly begunAt: string;
  /** Absent while hosts are still being asked. */
  readonly hash?: string;
  readonly endedAt?: string;
  readonly looks: readonly Look[];
}

/** Opens a live plan; again it changes nothing. */
export async function beginLivePlan(db: Database, live: string, planHash: string, by: string): Promise<void> {
  await rows(db, 'insert into live_plans (live, plan_hash, made_by) values ($1, $2, $3) on conflict do nothing', [
    live,
    planHash,
    storableText(by),
  ]);
}

/** Keeps what was seen of some tasks; seen again it replaces what was kept, until the live plan is closed. */
export async function keepLooks(db: Database, live: string, looks: readonly Look[]): Promise<void> {
  await rows(
    db,
    `insert into live_looks (live, step, host, look)
     select $1, look ->> 'step', look ->> 'host', look from jsonb_array_elements($2::jsonb) as look
     where exists (select 1 from live_plans where live = $1 and hash is null)
     on conflict (live, step, host) do update set look = excluded.look`,
    [live, json(looks)],
  );
}

/**
 * Closes a live plan; what was seen until now is all of it.
 *
 * @returns its hash
 * @throws UnknownLivePlan
 */
export async function closeLivePlan(db: Database, live: string): Promise<string> {
  return transaction(db, async (manager) => {
    const found = await livePlanRow(manager, live, 'for no key update');
    if (found.hash !== null) return found.hash;
    const seen = canonical({ plan: found.plan_hash, looks: approvedPart(await looksOf(manager, live)) });
    const hash = sha256(seen).toString('hex');
    await rows(manager, 'update live_plans set hash = $2, ended_at = clock_timestamp() where live = $1', [live, hash]);
    return hash;
  });
}

/** @throws UnknownLivePlan */
export async function readLivePlan(db: Database, live: string): Promise<LivePlan> {
  const found = await livePlanRow(db, live);
  return {
    live,
    planHash: found.plan_hash,
    by: found.made_by,
    begunAt: found.begun_at.toISOString(),
    ...(found.hash === null ? {} : { hash: found.hash }),
    ...(found.ended_at === null ? {} : { endedAt: found.ended_at.toISOString() }),
    looks: inOrder(await looksOf(db, live)),
  };
}

/** @throws UnknownLivePlan where no live plan of this plan has that hash */
export async function mustHaveLivePlan(reach: Reach, planHash: string, hash: string): Promise<string> {
  const found = await row<{ live: string }>(
    reach,
    'select live from live_plans where plan_hash = $1 and hash = $2 order by begun_at desc limit 1',
    [planHash, hash],
  );
  if (!found) throw new UnknownLivePlan(hash);
  return found.live;
}

/**
 * Compares the live plan that a run has made at its begin with the one that it demands, and notes that it has.
 *
 * @param live - the run's own one, closed
 * @returns what is otherwise, in words; undefined where it is the same
 */
export async function judgeLivePlan(db: Database, run: string, live: string): Promise<string | undefined> {
  return transaction(db, async (manager) => {
    const { plan_hash: planHash, live_plan: demanded } = await lockRun(manager, run);
    const now = await livePlanRow(manager, live);
    await rows(manager, 'update runs set live_checked_at = clock_timestamp() where run = $1', [run]);
    if (demanded === null || now.hash === demanded) return undefined;
    const approved = await looksOf(manager, await mustHaveLivePlan(manager, planHash, demanded));
    return otherwise(approved, await looksOf(manager, live));
  });
}

async function livePlanRow(reach: Reach, live: string, lock: 'for no key update' | '' = ''): Promise<LivePlanRow> {
  const found = await row<LivePlanRow>(reach, `select * from live_plans where live = $1 ${lock}`, [live]);
  if (!found) throw new UnknownLivePlan(live);
  return found;
}

async function looksOf(reach: Database | EntityManager, live: string): Promise<Look[]> {
  const found = await rows<{ look: Look }>(reach, 'select look from live_looks where live = $1', [live]);
  return found.map(({ look }) => look);
}
