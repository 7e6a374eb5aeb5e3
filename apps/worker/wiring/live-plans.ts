import type { RecordsNeeds } from '../../../activities/records/create.js';
import type { Database } from '../../../database/connect.js';
import { beginLivePlan, closeLivePlan, judgeLivePlan, readLivePlan } from '../../../database/live-plans.js';
import { readPlan } from '../../../database/plans.js';
import { readRun } from '../../../database/runs.js';
import type { Operation } from '../../../model/operation.js';
import { operationOf, type Plan } from '../../../model/plan.js';
import type { LiveOutline } from '../../../model/record.js';

/** Live plans in Postgres, as the functions that records activities ask for. */
export function livePlanNeeds(
  db: Database,
): Pick<RecordsNeeds, 'openLivePlan' | 'closeLivePlan' | 'openRunLivePlan' | 'judgeLivePlan'> {
  const open = async (live: string): Promise<LiveOutline> => {
    const { planHash } = await readLivePlan(db, live);
    return { live, planHash, ...placesOf(await readPlan(db, planHash)) };
  };
  return {
    openLivePlan: open,
    closeLivePlan: async (live) => closeLivePlan(db, live),
    openRunLivePlan: async (run) => {
      const { planHash, by } = await readRun(db, run);
      await beginLivePlan(db, `live-${run}`, planHash, by);
      return open(`live-${run}`);
    },
    judgeLivePlan: async (run, live) => judgeLivePlan(db, run, live),
  };
}

function placesOf(plan: Plan): Omit<LiveOutline, 'live' | 'planHash'> {
  const steps = plan.phases.flatMap((phase) => phase.steps);
  const acting = (host: string): boolean => steps.some((step) => operationOf(step, host)?.on === 'host');
  const actsOn = (place: Operation['on']): boolean =>
    steps.some(({ operations }) => operations.some(({ on }) => on === place));
  return {
    hosts: Object.keys(plan.hosts).filter(acting),
    directories: actsOn('ldap'),
    webServers: actsOn('http'),
    databases: actsOn('sql'),
    secrets: actsOn('secrets'),
  };
}
