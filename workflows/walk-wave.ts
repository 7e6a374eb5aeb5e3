import { ParentClosePolicy, patched, startChild, type ChildWorkflowHandle } from '@temporalio/workflow';
import type { PlannedPhase } from '../model/plan.js';
import { afterWave } from '../model/task/after-wave.js';
import { decide } from './decision.js';
import { farewell, leaving, type Ending } from './ending.js';
import type { Inbox } from './inbox.js';
import { holdSignal, phaseWorkflowId, type PhaseArgument, type PhaseStanding } from './messages.js';
import type { phase } from './phase.js';
import { records } from './reach.js';

/** What somebody asked for while the wave was going on. */
type Wish = 'pause' | Ending;

/** How a child came back; `lost` where it was terminated and so returned nothing. */
type Back = PhaseStanding['standing'] | 'lost';

/**
 * One phase on one wave, as often as people send it on after a pause or a failure. A child that is lost twice
 * leaves the run paused: nothing failed, but somebody should look before it goes on. Comes back with `other-plan` where
 * the run is to go on with another plan.
 */
export async function walkWave(
  where: PhaseArgument,
  onFailure: PlannedPhase['onFailure'],
  inbox: Inbox,
): Promise<'done' | 'other-plan' | Ending> {
  for (let lost = 0; ;) {
    const { back, unknown, wish } = await oneLife(where, inbox);
    if (wish && wish !== 'pause') return wish;
    lost = back === 'lost' ? lost + 1 : 0;
    if (lost === 1 && !wish) continue;
    // Runs that began before went on, went back or ended without anybody being asked.
    const asks = unknown && patched('a person decides about what is unknown');
    const next = afterWave({ standing: back, unknown: asks, pausing: wish === 'pause' }, onFailure);
    if (next === 'next') return 'done';
    if (next === 'undo') return { undo: 'on_failure: undo' };
    if (next === 'stop') return { end: 'failed', because: 'a host failed, and on_failure is stop' };
    const decision = await decide(where, next === 'ask' ? 'waiting/decision' : 'paused', inbox);
    if (decision !== 'go-on') return decision;
  }
}

/** Starts the child and listens to people until it is back. A child that has nothing left to do returns at once. */
async function oneLife(where: PhaseArgument, inbox: Inbox): Promise<{ back: Back; unknown: boolean; wish?: Wish }> {
  const child = await startChild<typeof phase>('phase', {
    workflowId: phaseWorkflowId(where.run, where.phase, where.wave),
    args: [where],
    parentClosePolicy: ParentClosePolicy.TERMINATE,
  });
  let back: Back | undefined;
  let unknown = false;
  const ended = child.result().then(
    (result) => {
      back = result.standing;
      unknown = (result.unknown ?? []).length > 0;
    },
    () => (back = 'lost'),
  );
  const wish = await listen(where, child, inbox, () => back !== undefined);
  await ended;
  return { back: back ?? 'lost', unknown, ...(wish ? { wish } : {}) };
}

/** Obeys verbs while a wave goes on. The first wish to leave stands; a pause may still become a wish to leave. */
async function listen(
  where: PhaseArgument,
  child: ChildWorkflowHandle<typeof phase>,
  inbox: Inbox,
  back: () => boolean,
): Promise<Wish | undefined> {
  let wish: Wish | undefined;
  while (!back()) {
    await inbox.wait(back);
    const verb = await inbox.next(wish === 'pause' ? 'pausing' : 'running');
    if (!verb) continue;
    if (wish && wish !== 'pause') {
      await inbox.tooLate(verb, `too late: ${farewell(wish)}`);
    } else if (verb.verb === 'pause') {
      wish = 'pause';
      await records.moveRun(where.run, 'pausing');
      await hold(child, 'after-step');
      await inbox.settle(verb, 'the run pauses after the present step');
    } else if (verb.verb === 'cancel' || verb.verb === 'undo') {
      const ending = await leaving(verb, inbox);
      if (!ending) continue;
      wish = ending;
      // Where one host alone goes back, the others finish what they are at.
      await hold(child, 'undo' in ending && ending.scope && 'host' in ending.scope ? 'after-step' : 'now');
      await inbox.settle(verb, farewell(wish));
    } else {
      await inbox.settle(verb, 'recorded');
    }
  }
  return wish;
}

/** A child that has just ended needs no word from us. */
async function hold(child: ChildWorkflowHandle<typeof phase>, how: 'after-step' | 'now'): Promise<void> {
  await child.signal(holdSignal, how).catch(() => undefined);
}
