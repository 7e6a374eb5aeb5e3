import { patched } from '@temporalio/workflow';
import type { PlannedApproval } from '../model/plan.js';
import type { GateStanding } from '../activities/records/activities.js';
import { farewell, leaving, type Ending } from './ending.js';
import type { Inbox } from './inbox.js';
import { records } from './reach.js';

/**
 * Waits before a phase until Postgres says that enough people have approved this very plan. A nudge opens nothing:
 * each one only makes us ask Postgres again. Until when is kept there, too: a gate at which the run comes by again, for
 * it was given another plan, has no more time for that.
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
  const until = deadlineOf(standing, approval, asked);
  if (!standing.open) await records.moveRun(run, 'waiting', { for: 'approval', phase });
  while (!standing.open) {
    const left = until === undefined ? undefined : Math.max(0, until - Date.now()) / 1000;
    if ((await inbox.wait(undefined, left)) === 'time') {
      // What somebody was answered for may not have been told to us yet.
      if (patched('a gate whose time is over asks once more')) standing = await records.tryGate(run, phase);
      if (standing.open) break;
      return rejected(standing) ?? timedOut(approval);
    }
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
    const ending = rejected(standing);
    if (ending) return ending;
  }
  await records.moveRun(run, 'running', { phase });
  return 'open';
}

/** Milliseconds of the workflow's clock; never before that of Postgres, which says how long it is until then. */
function deadlineOf({ left }: GateStanding, { timeout }: PlannedApproval, asked: number): number | undefined {
  if (left !== undefined) return Date.now() + left * 1000;
  return timeout === undefined ? undefined : asked + timeout * 1000;
}

function rejected({ rejected: no }: GateStanding): Ending | undefined {
  return no && { end: 'rejected', because: `rejected by ${no.by}: ${no.reason}` };
}

function timedOut(approval: PlannedApproval): Ending {
  if (approval.onTimeout === 'undo') return { undo: 'the approval timed out' };
  return { end: 'timed_out', because: 'nobody approved in time' };
}
