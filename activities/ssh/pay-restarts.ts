import type { UndoResult } from '../../model/record.js';
import { failureOf } from './attempt.js';
import { liveness, type Liveness } from './liveness.js';
import { actBack, ended } from './restore.js';
import { notBack, reach, type RestartRequest, type RestartWork, type UndoNeeds, type WentBack } from './undo-step.js';

/**
 * Restarts what still runs and depends on files that an undo has put back. Restarting twice is harmless. Services of one
 * host go one after another, for whoever takes a host again ends what it was taken for before.
 */
export async function payRestarts(needs: UndoNeeds, request: RestartRequest): Promise<UndoResult[]> {
  const life = liveness();
  try {
    const stays = ({ host, work }: RestartWork): boolean =>
      request.left?.some((one) => one.host === host && one.service === work.operation.service) === true;
    const owed = (await needs.readRestarts(request)).filter((one) => !stays(one));
    const hosts = [...new Set(owed.map(({ host }) => host))];
    const holders = await needs.beginRestarts(request.run, request.undo, hosts);
    const ofHosts = await life.unlessDetached(
      Promise.all(
        holders.map(async ({ host, holder }) =>
          payInTurn(
            needs,
            request,
            owed.filter((one) => one.host === host),
            holder,
            life,
          ),
        ),
      ),
    );
    const results = ofHosts.flat();
    await needs.writeUndoResults(request.run, request.undo, results);
    return results;
  } finally {
    life.end();
  }
}

/** The services of one host, in the order of their steps; one that does not come up keeps no other one from its turn. */
async function payInTurn(
  needs: UndoNeeds,
  request: RestartRequest,
  owed: readonly RestartWork[],
  holder: number,
  life: Liveness,
): Promise<UndoResult[]> {
  const results: UndoResult[] = [];
  for (const work of owed) {
    if (life.detached.aborted) break;
    const restarts = work.work.operation.service ?? '';
    const { step, host } = work;
    results.push({ step: step.id, host, restarts, ...(await payOne(needs, request, work, holder, life)) });
  }
  return results;
}

async function payOne(
  needs: UndoNeeds,
  { run, undo }: RestartRequest,
  { step, host, work }: RestartWork,
  holder: number,
  life: Liveness,
): Promise<WentBack> {
  try {
    const owed = await needs.restartsOwed(run, host, work.operation.service ?? '');
    const attempt = await reach(needs, { run, undo, step: step.id }, step, work, host, holder, life);
    const end = await actBack(attempt, work.operation.restart, await attempt.session.look(attempt.task));
    if (end.how === 'exited' && end.code === 0) {
      await needs.payRestarts(run, owed);
      return { outcome: 'undone', summary: 'restarted with what was there before' };
    }
    const failure = failureOf(
      attempt,
      'undo/not-restored',
      `the restart failed: ${ended(end)}`,
      'restart it by hand, then `skip`; or `retry`',
    );
    return { outcome: 'undo_failed', failure, summary: failure.known };
  } catch (error) {
    return notBack(error);
  }
}
