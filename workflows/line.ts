import { setHandler, workflowInfo } from '@temporalio/workflow';
import type { VerbRecord } from '../model/record.js';
import type { Inbox } from './inbox.js';
import { wakeSignal } from './messages.js';
import { records } from './reach.js';

/** Seconds after which Postgres is asked again even if nobody has woken us. */
const patience = 60;

/** What ends a waiting: a turn that came, a verb, or a history so long that it should be begun anew. */
export type Waited = 'held' | 'long' | VerbRecord;

/** Waits in line for the leases of a run. */
export async function waitInLine(
  run: string,
  inbox: Inbox,
  state: 'waiting/leases' | 'waiting/undo-leases',
): Promise<Waited> {
  return waitUntil(async () => records.takeTurn(run), inbox, state);
}

/**
 * Waits until Postgres gives what `take` asks for. Whoever makes room wakes us, and so does the sweep; should both die,
 * our own timer asks again. A wake takes nothing: only Postgres says whose turn it is.
 *
 * @param state - which verbs are obeyed meanwhile
 */
export async function waitUntil(
  take: () => Promise<boolean>,
  inbox: Inbox,
  state: 'waiting/leases' | 'waiting/undo-leases' | 'waiting/budget',
): Promise<Waited> {
  let woken = false;
  setHandler(wakeSignal, () => {
    woken = true;
  });
  for (;;) {
    woken = false;
    if (await take()) return 'held';
    await inbox.wait(() => woken, patience);
    for (let verb = await inbox.next(state); verb; verb = await inbox.next(state)) {
      if (verb.verb === 'cancel' || verb.verb === 'undo') return verb;
      await inbox.settle(verb, 'recorded');
    }
    if (workflowInfo().continueAsNewSuggested) return 'long';
  }
}
