import type { UndoResult } from '../../model/record.js';
import { failureOf } from './attempt.js';
import { liveness, type Liveness } from './liveness.js';
import { actBack, ended } from './restore.js';
import { notBack, reach, type RestartRequest, type RestartWork, type UndoNeeds } from './undo-step.js';

/** Restarts what still runs and depends on files that an undo has put back. Restarting twice is harmless. */
export async function payRestarts(needs: UndoNeeds, request: RestartRequest): Promise<UndoResult[]> {
  const life = liveness();
  try {
    const owed = await needs.readRestarts(request);
    const results = await life.unlessDetached(
      Promise.all(owed.map(async (work) => payOne(needs, request, work, life))),
    );
    await needs.writeUndoResults(request.run, request.undo, results);
    return results;
  } finally {
    life.end();
  }
}

async function payOne(
  needs: UndoNeeds,
  request: RestartRequest,
  { step, host, work }: RestartWork,
  life: Liveness,
): Promise<UndoResult> {
  const owed = await needs.restartsOwed(request.run, host, work.operation.service ?? '');
  const [holder] = await needs.beginUndoAttempts(request.run, request.undo, step.id, [host]);
  try {
    const attempt = await reach(
      needs,
      { run: request.run, undo: request.undo, step: step.id },
      step,
      work,
      host,
      holder?.holder ?? 0,
      life,
    );
    const end = await actBack(attempt, work.operation.restart, await attempt.session.look(attempt.task));
    if (end.how === 'exited' && end.code === 0) {
      await needs.payRestarts(request.run, owed);
      return { step: step.id, host, outcome: 'undone', summary: 'restarted with what was there before' };
    }
    const failure = failureOf(
      attempt,
      'undo/not-restored',
      `the restart failed: ${ended(end)}`,
      'restart it by hand, then `skip`; or `retry`',
    );
    return { step: step.id, host, outcome: 'undo_failed', failure, summary: failure.known };
  } catch (error) {
    return { step: step.id, host, ...notBack(error) };
  }
}
