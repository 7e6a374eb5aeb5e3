import { CancellationScope, continueAsNew, patched, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import type { RunOutline, VerbRecord } from '../model/record.js';
import { decide } from './decision.js';
import { endingOf, farewell, type Ending } from './ending.js';
import { gate } from './gate.js';
import { openInbox, type Inbox } from './inbox.js';
import { waitInLine, waitUntil, type Waited } from './line.js';
import { stillAsApproved } from './live-plan.js';
import { standingQuery, type PhaseArgument, type RunbookArgument } from './messages.js';
import { hosts, records } from './reach.js';
import { walkWave } from './walk-wave.js';

/**
 * A run: phases one after another, each behind its approval, each on its waves. A cancel from Temporal's side is
 * the verb `cancel: stop`.
 */
export async function runbook({ run, verbs = [], after }: RunbookArgument): Promise<string> {
  let standing = 'starting';
  setHandler(standingQuery, () => standing);
  const inbox = openInbox(run, verbs);
  return CancellationScope.nonCancellable(async () => {
    while (after !== undefined && (await records.undoIsOpen(run, after))) await sleep(500);
    const ending = await walkOn(run, inbox, (line) => (standing = line));
    if (ending === 'continue') return continueAsNew<typeof runbook>({ run, verbs: await inbox.left() });
    await inbox.close(`too late: ${farewell(ending)}`);
    if ('undo' in ending) return `handed over to undo ${await handOver(run, ending)}`;
    // An activity between two tries is cancelled without anybody having ended its scripts.
    if (ending.end === 'cancelled') await hosts.quietHosts.executeWithOptions({ summary: 'hosts become quiet' }, [run]);
    await records.endRun(run, ending.end, { because: ending.because });
    return `${ending.end}: ${ending.because}`;
  });
}

/** Walks with the plan that the run has, and from the beginning again each time it is given another one. */
async function walkOn(run: string, inbox: Inbox, tell: (line: string) => void): Promise<Ending | 'continue'> {
  for (;;) {
    const ending = await walk(run, inbox, tell);
    if (ending !== 'other-plan') return ending;
  }
}

async function walk(
  run: string,
  inbox: Inbox,
  tell: (line: string) => void,
): Promise<Ending | 'continue' | 'other-plan'> {
  const outline = await records.beginRun(run);
  if (outline.state === 'paused') {
    tell('paused since a part of it went back');
    const decision = await decide({ run, ...whereNext(outline) }, 'still-paused', inbox);
    if (decision !== 'go-on') return decision;
  }
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
    for (let from: number | undefined = 0; from !== undefined; from = await finish(run, index)) {
      const ending = await walkPhase({ run, phase: index, wave: from }, phase, outline.budgeted, inbox, tell);
      if (ending !== 'done') return ending;
    }
  }
  return { end: 'succeeded', because: 'every phase is done' };
}

/** The waves of a phase, one after another, from one on. */
async function walkPhase(
  { run, phase, wave: from }: PhaseArgument,
  { name, waves, onFailure }: RunOutline['phases'][number],
  budgeted: boolean | undefined,
  inbox: Inbox,
  tell: (line: string) => void,
): Promise<Ending | 'done' | 'continue' | 'other-plan'> {
  for (let wave = from; wave < waves.length; wave += 1) {
    tell(`phase ${name}, wave ${wave + 1} of ${waves.length}`);
    const waited = budgeted ? await room(run, phase, wave, inbox) : 'held';
    if (waited === 'long') return 'continue';
    if (waited !== 'held') return left(waited, inbox);
    const ending = await walkWave({ run, phase, wave }, onFailure, inbox);
    if (ending !== 'done') return ending;
    if (budgeted) await records.endWave(run, phase, wave);
    if (workflowInfo().continueAsNewSuggested) return 'continue';
  }
  return 'done';
}

/** Finishes a phase; or gives the wave from which it is walked again, because a task of it is unknown and nobody has decided. */
async function finish(run: string, phase: number): Promise<number | undefined> {
  const wave = (await records.finishPhase(run, phase)) ?? undefined;
  return wave !== undefined && patched('no phase is finished over what is unknown') ? wave : undefined;
}

async function handOver(run: string, { undo, scope }: Extract<Ending, { readonly undo: string }>): Promise<number> {
  return scope ? records.handOverToUndo(run, undo, scope) : records.handOverToUndo(run, undo);
}

/** The first wave that still owes something; the last phase where none does. */
function whereNext({ phases }: RunOutline): { phase: number; wave: number } {
  const open = phases.findIndex((phase) => !phase.done);
  const phase = open === -1 ? phases.length - 1 : open;
  return { phase, wave: phases[phase]?.wave ?? 0 };
}

/** Waits until the budgets of groups have room for a wave. */
async function room(run: string, phase: number, wave: number, inbox: Inbox): Promise<Waited> {
  return waitUntil(async () => records.beginWave(run, phase, wave), inbox, 'waiting/budget');
}

/** Leaves the line on somebody's word. */
async function left(verb: VerbRecord, inbox: Inbox): Promise<Ending> {
  const ending = endingOf(verb);
  await inbox.settle(verb, farewell(ending));
  return ending;
}
