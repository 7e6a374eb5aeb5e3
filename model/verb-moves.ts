import type { Verb } from './record.js';
import { finalStates, runStates, type RunState } from './states.js';

/** What a run waits for, where its state is `waiting`. */
export type WaitsFor = 'approval' | 'decision' | 'undo-decision';

/** Where a run stands, as far as verbs are concerned. */
export type VerbState = Exclude<RunState, 'waiting'> | `waiting/${WaitsFor}`;

const open: readonly VerbState[] = ['running', 'pausing', 'paused', 'waiting/approval', 'waiting/decision'];
const stuck: readonly VerbState[] = ['waiting/decision', 'waiting/undo-decision'];

/** The states in which each verb is obeyed. The one table of allowed moves. */
export const verbMoves: Readonly<Record<Verb, readonly VerbState[]>> = {
  approve: open,
  reject: ['waiting/approval'],
  pause: ['running'],
  resume: ['paused'],
  retry: [...stuck, 'paused'],
  skip: [...stuck, 'paused'],
  'mark-done': ['waiting/decision', 'paused'],
  cancel: open,
  undo: [...open, 'succeeded', 'failed', 'timed_out', 'cancelled', 'undo_incomplete', 'rejected'],
};

/** Every state a verb can meet, for exhaustive cases. */
export const verbStates: readonly VerbState[] = [
  ...runStates.filter((state): state is Exclude<RunState, 'waiting'> => state !== 'waiting'),
  'waiting/approval',
  'waiting/decision',
  'waiting/undo-decision',
];

/** Why `verb` is not obeyed in `state`; undefined where it is. */
export function whyNot(verb: Verb, state: VerbState): string | undefined {
  const allowed = verbMoves[verb];
  if (allowed.includes(state)) return undefined;
  if (finalStates.includes(state as RunState))
    return `the run has ended (${state}); ${verb} is for ${runsFor(allowed)}`;
  const first = state === 'running' && verb !== 'resume' && allowed.includes('paused') ? '; pause it first' : '';
  return `the run is ${words(state)}; ${verb} is possible when it is ${allowed.map(words).join(', ')}${first}`;
}

/** Which runs a verb is for, said to somebody whose run has ended. */
function runsFor(allowed: readonly VerbState[]): string {
  const ended = allowed.filter((state) => finalStates.includes(state as RunState));
  return ended.length === 0 ? 'open runs' : `open runs and those that are ${ended.join(', ')}`;
}

function words(state: VerbState): string {
  switch (state) {
    case 'waiting/approval':
      return 'waiting for an approval';
    case 'waiting/decision':
      return 'waiting for a decision';
    case 'waiting/undo-decision':
      return 'waiting for a decision about its undo';
    default:
      return state;
  }
}
