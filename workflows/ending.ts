import type { RunState } from '../model/states.js';
import type { VerbRecord } from '../model/record.js';

/** How a run leaves its runbook: at an end, or handed over to undo on somebody's word. */
export type Ending = { readonly end: RunState; readonly because: string } | { readonly undo: string };

/** The ending that `cancel` or `undo` leads to. */
export function leaving(verb: VerbRecord): Ending {
  if (verb.verb === 'undo' || verb.arguments.then === 'undo') return { undo: verb.by };
  return { end: 'cancelled', because: `cancelled by ${verb.by}` };
}

/** What the person who said it is told. */
export function farewell(ending: Ending): string {
  if ('undo' in ending) return 'the run goes back';
  return ending.end === 'cancelled' ? 'the run is cancelled; what was done stays' : `the run has ended (${ending.end})`;
}
