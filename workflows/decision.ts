import type { VerbRecord } from '../model/record.js';
import { farewell, leaving, type Ending } from './ending.js';
import type { Inbox } from './inbox.js';
import type { PhaseArgument } from './messages.js';
import { records } from './reach.js';

/**
 * Waits until somebody sends the wave on, or ends the run.
 *
 * @param state - how the run is to stand meanwhile; `still-paused` where it is paused already, and says why
 */
export async function decide(
  where: PhaseArgument,
  stand: 'paused' | 'still-paused' | 'waiting/decision',
  inbox: Inbox,
): Promise<'go-on' | Ending> {
  const state = stand === 'still-paused' ? 'paused' : stand;
  if (stand === 'still-paused') {
    // Whoever paused it has said so.
  } else if (stand === 'paused') await records.moveRun(where.run, 'paused');
  else await records.moveRun(where.run, 'waiting', { for: 'decision', phase: where.phase, wave: where.wave });
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
    if (await sentOn(where, verb, inbox)) {
      await records.moveRun(where.run, 'running');
      return 'go-on';
    }
  }
}

/** Whether the verb lets the wave go on. Retry and skip must name tasks that failed; else they are refused. */
async function sentOn(where: PhaseArgument, verb: VerbRecord, inbox: Inbox): Promise<boolean> {
  if (verb.verb === 'resume') {
    await inbox.settle(verb, 'the run goes on');
    return true;
  }
  if (verb.verb !== 'retry' && verb.verb !== 'skip' && verb.verb !== 'mark-done') {
    await inbox.settle(verb, 'recorded');
    return false;
  }
  const tasks = await decided(where, verb.verb, verb);
  if (tasks === 0) await inbox.tooLate(verb, 'no failed, unreachable or unknown task of this wave goes by that name');
  else await inbox.settle(verb, `${tasks} ${tasks === 1 ? 'task' : 'tasks'} ${become[verb.verb]}`);
  return tasks > 0;
}

/** What tasks that failed become by a word. */
const become = { retry: 'to be tried again', skip: 'skipped', 'mark-done': 'marked done' } as const;

/** Applies the word to the failed tasks of the wave that it names; gives how many there were. */
async function decided(
  where: PhaseArgument,
  word: keyof typeof become,
  { arguments: said, by }: VerbRecord,
): Promise<number> {
  const { step, host, reason = '' } = said;
  const which = { ...where, ...(step === undefined ? {} : { step }), ...(host === undefined ? {} : { host }) };
  switch (word) {
    case 'retry':
      return records.reopenTasks(which, by);
    case 'skip':
      return records.skipTasks(which, reason, by);
    case 'mark-done':
      return records.markDone(which, reason, by);
  }
}
