import type { PlannedApproval } from '../model/plan.js';
import { farewell, leaving, type Ending } from './ending.js';
import type { Inbox } from './inbox.js';
import { records } from './reach.js';

/**
 * Waits before a phase until Postgres says that enough people have approved this very plan. A nudge opens nothing:
 * each one only makes us ask Postgres again.
 *
 * @returns `other-plan` where the run was given another plan, which may ask otherwise
 */
export async function gate(
  run: string,
  phase: number,
  approval: PlannedApproval,
  inbox: Inbox,
): Promise<'open' | 'other-plan' | Ending> {
  const asked = Date.now();
  let standing = await records.askApproval(run, phase, approval.timeout);
  if (!standing.open) await records.moveRun(run, 'waiting', { for: 'approval', phase });
  while (!standing.open) {
    const left =
      approval.timeout === undefined ? undefined : Math.max(0, approval.timeout - (Date.now() - asked) / 1000);
    if ((await inbox.wait(undefined, left)) === 'time') return timedOut(approval);
    const verb = await inbox.next('waiting/approval');
    if (!verb) continue;
    if (verb.verb === 'cancel' || verb.verb === 'undo') {
      const ending = await leaving(verb, inbox);
      if (!ending) continue;
      await inbox.settle(verb, farewell(ending));
      return ending;
    }
    if (verb.verb === 'exclude' || verb.verb === 'edit') {
      const { accepted } = await inbox.obey(verb, { run, phase, wave: 0 });
      if (accepted && verb.verb === 'edit') return 'other-plan';
      continue;
    }
    standing = await records.tryGate(run, phase);
    await inbox.settle(
      verb,
      standing.open ? 'the gate is open' : `recorded: ${standing.votes} of ${standing.wanted} votes`,
    );
    if (standing.rejected)
      return { end: 'rejected', because: `rejected by ${standing.rejected.by}: ${standing.rejected.reason}` };
  }
  await records.moveRun(run, 'running', { phase });
  return 'open';
}

function timedOut(approval: PlannedApproval): Ending {
  if (approval.onTimeout === 'undo') return { undo: 'the approval timed out' };
  return { end: 'timed_out', because: 'nobody approved in time' };
}
