import { patched } from '@temporalio/workflow';
import type { VerbRecord } from '../model/record.js';
import { farewell, leaving, type Ending } from './ending.js';
import type { Inbox } from './inbox.js';
import type { PhaseArgument } from './messages.js';
import { records } from './reach.js';

/** How somebody sent a run on: with the plan it has, or with another one that was given to it meanwhile. */
export type SentOn = 'go-on' | 'other-plan';

/**
 * Waits until somebody sends the wave on, or ends the run.
 *
 * @param stand - how the run is to stand meanwhile; `still-paused` where it is paused already, and says why
 */
export async function decide(
  where: PhaseArgument,
  stand: 'paused' | 'still-paused' | 'waiting/decision',
  inbox: Inbox,
): Promise<SentOn | Ending> {
  const state = stand === 'waiting/decision' ? stand : 'paused';
  if (stand === 'paused') await records.moveRun(where.run, 'paused');
  if (stand === 'waiting/decision')
    await records.moveRun(where.run, 'waiting', { for: 'decision', phase: where.phase, wave: where.wave });
  let sentOn: SentOn = 'go-on';
  for (;;) {
    await inbox.wait();
    const verb = await inbox.next(state);
    if (!verb) continue;
    if (verb.verb === 'cancel' || verb.verb === 'undo') {
      const ending = await leaving(verb, inbox);
      if (!ending) continue;
      await inbox.settle(verb, farewell(ending));
      return ending;
    }
    const obeyed = await obey(where, verb, inbox);
    if (obeyed && verb.verb === 'edit') sentOn = 'other-plan';
    // Somebody who takes a host out of a paused run, or gives it another plan, has not said that it is to go on.
    const stays = verb.verb === 'edit' || (verb.verb === 'exclude' && state === 'paused');
    if (!obeyed || stays) continue;
    await records.moveRun(where.run, 'running');
    return sentOn;
  }
}

/** Does what the verb asks for; whether it lets the wave go on. What finds nothing to decide about is refused. */
async function obey(where: PhaseArgument, verb: VerbRecord, inbox: Inbox): Promise<boolean> {
  if (verb.verb === 'resume') {
    await inbox.settle(verb, 'the run goes on');
    return true;
  }
  if (verb.verb === 'approve') {
    await inbox.settle(verb, 'recorded');
    return false;
  }
  const early = (verb.verb === 'retry' || verb.verb === 'skip') && verb.arguments.from === undefined;
  // Runs that began before words were obeyed in one transaction end as they began.
  if (early && !patched('words in one transaction')) return decided(where, verb, inbox);
  return (await inbox.obey(verb, where)).decides;
}

/** A retry or a skip in two transactions. */
async function decided(where: PhaseArgument, verb: VerbRecord, inbox: Inbox): Promise<boolean> {
  const { step, host, reason } = verb.arguments;
  const which = { ...where, ...(step === undefined ? {} : { step }), ...(host === undefined ? {} : { host }) };
  const retry = verb.verb === 'retry';
  const tasks = retry
    ? await records.reopenTasks(which, verb.by)
    : await records.skipTasks(which, reason ?? '', verb.by);
  if (tasks === 0) await inbox.refuse(verb, 'no failed, unreachable or unknown task of this wave goes by that name');
  else
    await inbox.settle(verb, `${tasks} ${tasks === 1 ? 'task' : 'tasks'} ${retry ? 'to be tried again' : 'skipped'}`);
  return tasks > 0;
}
