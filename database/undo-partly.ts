import type { EntityManager } from 'typeorm';
import type { UndoScope } from '../model/record.js';
import { excludeLocked } from './excluded-hosts.js';
import { row, rows } from './query.js';
import { moveLocked } from './run-row.js';
import type { UndoRow } from './tables/operators.js';
import type { RunRow } from './tables/runs.js';
import { inScope, undoOfTask } from './undo-scope.js';
import { appendAudit } from './write-audit.js';
import { appendEvents } from './write-events.js';

/**
 * What becomes of a run of which a part has gone back: it stands paused, and what went back has another turn before it
 * (back to a step) or none (one host, which is excluded).
 */
export async function standAfterUndo(
  manager: EntityManager,
  run: RunRow,
  undo: UndoRow,
  scope: UndoScope,
): Promise<void> {
  await endTurns(manager, undo);
  if ('to' in scope) await owedAgain(manager, undo, scope.to);
  else
    await excludeLocked(manager, run.run, {
      host: scope.host,
      by: undo.started_by,
      because: 'what was done on it has gone back',
    });
  const because =
    'to' in scope ? `it has gone back to before ${scope.to}` : `${scope.host} has gone back and is excluded`;
  await moveLocked(manager, run, 'paused', { because, undo: undo.undo, ...scope });
}

/**
 * Ends the turn of each task that has gone back: its attempts so far are over, and what was kept for it on the way
 * there (resolved values, sealed pre-images) is not what a next turn would find.
 */
async function endTurns(manager: EntityManager, { run, undo }: UndoRow): Promise<void> {
  const ended = `with ended as (
    update tasks set turn = turn + 1, attempts_before = attempt, settled_by = null, settled_because = null
    from undo_results back
    where tasks.run = $1 and (back.run, back.undo, back.step, back.host) = (tasks.run, $2, tasks.step, tasks.host)
      and back.outcome = 'undone' and tasks.state = 'undone'
    returning tasks.run, tasks.step, tasks.host
  ), forgotten as (
    delete from rendered using ended
    where (rendered.run, rendered.step, rendered.host) = (ended.run, ended.step, ended.host)
  )
  delete from pre_images using ended
  where (pre_images.run, pre_images.step, pre_images.host) = (ended.run, ended.step, ended.host)`;
  await rows(manager, ended, [run, undo]);
}

/** From the step on all is owed again, save on hosts that are out; gates of later phases ask again. */
async function owedAgain(manager: EntityManager, { run, undo, started_by: by }: UndoRow, step: string): Promise<void> {
  const owed = await rows<{ step: string; host: string }>(
    manager,
    `update tasks set state = 'pending', settled_by = null, settled_because = null
     where run = $1 and (step, host) in (
       select tasks.step, tasks.host from tasks ${undoOfTask}
       where tasks.run = $1 and ${inScope} and tasks.state in ('undone', 'skipped') and attempt = attempts_before
     ) and host not in (select host from excluded_hosts where run = $1) returning step, host`,
    [run, undo],
  );
  const first = await row<{ phase: number }>(manager, 'select phase from tasks where run = $1 and step = $2 limit 1', [
    run,
    step,
  ]);
  await rows(manager, 'delete from finished_phases where run = $1 and phase >= $2', [run, first?.phase ?? 0]);
  await rows(
    manager,
    `update gates set asked_at = null, deadline = null, opened_at = null, votes_since = clock_timestamp()
     where run = $1 and phase > $2`,
    [run, first?.phase ?? 0],
  );
  const data = { tasks: owed, by, phase: first?.phase ?? 0 };
  await appendEvents(manager, run, [{ kind: 'tasks-reopened', data }]);
  await appendAudit(manager, run, [{ kind: 'tasks-reopened', by, data }]);
}
