import type { UndoScope } from '../model/record.js';
import { row, rows, type Reach } from './query.js';
import { whyNotExcluded } from './excluded-hosts.js';
import type { UndoRow } from './tables/operators.js';

/** Joins what an undo covers to `tasks`: `$1` is the run, `$2` the number of the undo. */
export const undoOfTask = `
  join undos on (undos.run, undos.undo) = (tasks.run, $2)
  left join lateral (
    select phase, position from tasks as named
    where (named.run, named.step) = (undos.run, undos.back_to) limit 1
  ) as beginning on true`;

/**
 * Whether a task belongs to that undo. Back to a step means in time: its phase's later waves go back whole, so that
 * hosts which were to go one after another are not left half-way together. The model has the same rule (`reachOf`).
 */
export const inScope = `
  (undos.only_host is null or tasks.host = undos.only_host)
  and (undos.back_to is null
    or (tasks.phase, tasks.wave, tasks.position) >= (beginning.phase, 0, beginning.position))`;

export function scopeOf({ back_to: to, only_host: host }: UndoRow): UndoScope | undefined {
  if (to !== null) return { to };
  return host === null ? undefined : { host };
}

/** Why a part of a run cannot go back; undefined where it can. */
export async function whyNoUndo(reach: Reach, run: string, scope: UndoScope): Promise<string | undefined> {
  return 'to' in scope ? whyNotBackTo(reach, run, scope.to) : whyNotBackOn(reach, run, scope.host);
}

async function whyNotBackTo(reach: Reach, run: string, step: string): Promise<string | undefined> {
  const begins = await row<{ phase: number; position: number }>(
    reach,
    'select phase, position from tasks where run = $1 and step = $2 limit 1',
    [run, step],
  );
  if (!begins) return `the run has no step ${step}`;
  const tried = await rows(
    reach,
    `select 1 from tasks where run = $1 and (phase, wave, position) >= ($2, 0, $3) and attempt > attempts_before limit 1`,
    [run, begins.phase, begins.position],
  );
  return tried.length === 0 ? `nothing has been done from ${step} on, so nothing can go back to it` : undefined;
}

async function whyNotBackOn(reach: Reach, run: string, host: string): Promise<string | undefined> {
  const tasks = await row<{ all: number; tried: number }>(
    reach,
    `select count(*) as "all", count(*) filter (where attempt > attempts_before) as tried
     from tasks where run = $1 and host = $2`,
    [run, host],
  );
  if (!tasks || tasks.all === 0) return `the run has no host ${host}`;
  if (tasks.tried === 0) return `nothing has been done on ${host}; exclude it instead`;
  const refused = await whyNotExcluded(reach, run, host);
  return refused === 'excluded' ? undefined : refused;
}
