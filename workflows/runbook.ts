import { CancellationScope, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { VerbRecord } from '../model/record.js';
import { farewell, leaving, type Ending } from './ending.js';
import { gate } from './gate.js';
import { openInbox, type Inbox } from './inbox.js';
import { waitInLine, waitUntil, type Waited } from './line.js';
import { stillAsApproved } from './live-plan.js';
import { standingQuery, type RunbookArgument } from './messages.js';
import { hosts, records } from './reach.js';
import { walkWave } from './walk-wave.js';

/**
 * A run: phases one after another, each behind its approval, each on its waves. A cancel from Temporal's side is
 * the verb `cancel: stop`.
 */
export async function runbook({ run, verbs = [] }: RunbookArgument): Promise<string> {
  let standing = 'starting';
  setHandler(standingQuery, () => standing);
  const inbox = openInbox(run, verbs);
  return CancellationScope.nonCancellable(async () => {
    const ending = await walk(run, inbox, (line) => (standing = line));
    if (ending === 'continue') return continueAsNew<typeof runbook>({ run, verbs: await inbox.left() });
    await inbox.close(`too late: ${farewell(ending)}`);
    if ('undo' in ending) return `handed over to undo ${await records.handOverToUndo(run, ending.undo)}`;
    // An activity between two tries is cancelled without anybody having ended its scripts.
    if (ending.end === 'cancelled') await hosts.quietHosts.executeWithOptions({ summary: 'hosts become quiet' }, [run]);
    await records.endRun(run, ending.end, { because: ending.because });
    return `${ending.end}: ${ending.because}`;
  });
}

async function walk(run: string, inbox: Inbox, tell: (line: string) => void): Promise<Ending | 'continue'> {
  const outline = await records.beginRun(run);
  if (outline.queued) {
    tell('waiting in line for its leases');
    const waited = await waitInLine(run, inbox, 'waiting/leases');
    if (waited === 'long') return 'continue';
    if (waited !== 'held') return left(waited, inbox);
  }
  if (outline.looksFirst) {
    tell('looking whether the live plan is still the one approved');
    const verdict = await stillAsApproved(run);
    if (verdict !== 'as-approved') return verdict;
  }
  for (const [index, phase] of outline.phases.entries()) {
    if (phase.done) continue;
    if (phase.approval) {
      tell(`waiting for approval of phase ${phase.name}`);
      const verdict = await gate(run, index, phase.approval, inbox);
      if (verdict !== 'open') return verdict;
    }
    for (const wave of phase.waves.keys()) {
      tell(`phase ${phase.name}, wave ${wave + 1} of ${phase.waves.length}`);
      const waited = outline.budgeted ? await room(run, index, wave, inbox) : 'held';
      if (waited === 'long') return 'continue';
      if (waited !== 'held') return left(waited, inbox);
      const ending = await walkWave({ run, phase: index, wave }, phase.onFailure, inbox);
      if (ending !== 'done') return ending;
      if (outline.budgeted) await records.endWave(run, index, wave);
      if (workflowInfo().continueAsNewSuggested) return 'continue';
    }
    await records.finishPhase(run, index);
  }
  return { end: 'succeeded', because: 'every phase is done' };
}

/** Waits until the budgets of groups have room for a wave. */
async function room(run: string, phase: number, wave: number, inbox: Inbox): Promise<Waited> {
  return waitUntil(async () => records.beginWave(run, phase, wave), inbox, 'waiting/budget');
}

/** Leaves the line on somebody's word. */
async function left(verb: VerbRecord, inbox: Inbox): Promise<Ending> {
  const ending = leaving(verb);
  await inbox.settle(verb, farewell(ending));
  return ending;
}
