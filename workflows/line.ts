import { setHandler, workflowInfo } from '@temporalio/workflow';
import type { VerbRecord } from '../model/record.js';
import type { Inbox } from './inbox.js';
import { wakeSignal } from './messages.js';
import { records } from './reach.js';

/** Seconds after which Postgres is asked again even if nobody has woken us. */
const patience = 60;

/**
 * Waits in line for the leases of a run. Whoever gives leases up wakes us, and so does the sweep; should both die, our
 * own timer asks Postgres again. A wake takes nothing: only Postgres says whose turn it is.
 *
 * @param state - which verbs are obeyed meanwhile
 * @returns `held` once the run holds its leases; a verb that ends the waiting; `long` where the history should be
 * begun anew
 */
export async function waitInLine(
  run: string,
  inbox: Inbox,
  state: 'waiting/leases' | 'waiting/undo-leases',
): Promise<'held' | 'long' | VerbRecord> {
  let woken = false;
  setHandler(wakeSignal, () => {
    woken = true;
  });
  for (;;) {
    woken = false;
    if (await records.takeTurn(run)) return 'held';
    await inbox.wait(() => woken, patience);
    for (let verb = await inbox.next(state); verb; verb = await inbox.next(state)) {
      if (verb.verb === 'cancel' || verb.verb === 'undo') return verb;
      await inbox.settle(verb, 'recorded');
    }
    if (workflowInfo().continueAsNewSuggested) return 'long';
  }
}
