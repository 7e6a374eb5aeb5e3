import type { RunState } from '../model/states.js';
import type { UndoScope, VerbRecord } from '../model/record.js';
import { undoScope } from '../model/verb-moves.js';
import type { Inbox } from './inbox.js';
import { records } from './reach.js';

/** How a run leaves its runbook: at an end, or handed over to undo on somebody's word. */
export type Ending =
  { readonly end: RunState; readonly because: string } | { readonly undo: string; readonly scope?: UndoScope };

/**
 * The ending that `cancel` or `undo` leads to. A part of a run that cannot go back is refused, with the reason, and the
 * run stays where it is.
 */
export async function leaving(verb: VerbRecord, inbox: Inbox): Promise<Ending | undefined> {
  const ending = endingOf(verb);
  if ('undo' in ending && ending.scope) {
    const because = await records.whyNoUndo(verb.run, ending.scope);
    if (because !== undefined) {
      await inbox.refuse(verb, because);
      return undefined;
    }
  }
  return ending;
}

/** The ending that `cancel` or `undo` leads to, whether or not it can be. */
export function endingOf(verb: VerbRecord): Ending {
  const scope = undoScope(verb);
  if (scope) return { undo: verb.by, scope };
  if (verb.verb === 'undo' || verb.arguments.then === 'undo') return { undo: verb.by };
  return { end: 'cancelled', because: `cancelled by ${verb.by}` };
}

/** What the person who said it is told. */
export function farewell(ending: Ending): string {
  if ('undo' in ending) {
    if (!ending.scope) return 'the run goes back';
    if ('to' in ending.scope) return `the run goes back to before ${ending.scope.to}`;
    return `what was done on ${ending.scope.host} goes back`;
  }
  return ending.end === 'cancelled' ? 'the run is cancelled; what was done stays' : `the run has ended (${ending.end})`;
}
