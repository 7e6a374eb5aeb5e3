import type { Verb } from './record.js';
import { finalStates, runStates, type RunState } from './states.js';

/** What a run waits for, where its state is `waiting`. */
export type WaitsFor = 'approval' | 'decision' | 'undo-decision' | 'leases' | 'undo-leases' | 'budget';

/** Where a run stands, as far as verbs are concerned. */
export type VerbState = Exclude<RunState, 'waiting'> | `waiting/${WaitsFor}`;

const open: readonly VerbState[] = [
  'running',
  'pausing',
  'paused',
  'waiting/approval',
  'waiting/decision',
  'waiting/leases',
  'waiting/budget',
];
const stuck: readonly VerbState[] = ['waiting/decision', 'waiting/undo-decision'];

/** The states in which each verb is obeyed. The one table of allowed moves. */
export const verbMoves: Readonly<Record<Verb, readonly VerbState[]>> = {
  approve: open,
  reject: ['waiting/approval'],
  pause: ['running'],
  resume: ['paused'],
  retry: [...stuck, 'paused'],
  skip: [...stuck, 'paused'],
  // An undo that waits for its leases has done nothing yet; cancelled, it is withdrawn.
  cancel: [...open, 'waiting/undo-leases'],
  undo: [...open, 'succeeded', 'failed', 'timed_out', 'cancelled', 'undo_incomplete', 'rejected'],
};

/** Every state a verb can meet, for exhaustive cases. */
export const verbStates: readonly VerbState[] = [
  ...runStates.filter((state): state is Exclude<RunState, 'waiting'> => state !== 'waiting'),
  'waiting/approval',
  'waiting/decision',
  'waiting/undo-decision',
  'waiting/leases',
  'waiting/budget',
  'waiting/undo-leases',
];

/** Why `verb` is not obeyed in `state`; undefined where it is. */
export function whyNot(verb: Verb, state: VerbState): string | undefined {
  if (verbMoves[verb].includes(state)) return undefined;
  const stands = state
    .replace('waiting/undo-decision', 'waiting for a decision about its undo')
    .replace('waiting/undo-leases', 'waiting for leases to go back')
    .replace('waiting/', 'waiting for its ');
  if (finalStates.includes(state as RunState)) return `the run has ended (${stands}); ${verb} is for open runs`;
  return `the run is ${stands.replace('its decision', 'a decision').replace('its approval', 'an approval')}; ${verb} is possible when it is ${listed(verb)}`;
}

function listed(verb: Verb): string {
  return verbMoves[verb]
    .map((state) =>
      state
        .replace('waiting/undo-decision', 'waiting for a decision about its undo')
        .replace('waiting/undo-leases', 'waiting for leases to go back')
        .replace('waiting/', 'waiting for '),
    )
    .join(', ');
}
