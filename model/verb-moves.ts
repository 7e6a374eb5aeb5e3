import type { UndoScope, Verb, VerbArguments } from './record.js';
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
/** The states in which something may have been done, and the workflow can ask what. */
const begun = open.filter((state) => state !== 'waiting/leases' && state !== 'waiting/budget');
const stuck: readonly VerbState[] = ['waiting/decision', 'waiting/undo-decision'];

/** A verb as far as the state of a run decides about it: undo of a part is not undo of the whole, and so on. */
export type Move = Verb | 'retry from a step' | 'undo to a step' | 'undo of one host';

/** The states in which each verb is obeyed. The one table of allowed moves. */
export const verbMoves: Readonly<Record<Move, readonly VerbState[]>> = {
  approve: open,
  reject: ['waiting/approval'],
  pause: ['running'],
  resume: ['paused'],
  retry: [...stuck, 'paused'],
  'retry from a step': ['waiting/decision', 'paused'],
  skip: [...stuck, 'paused'],
  'mark-done': ['waiting/decision', 'paused'],
  exclude: ['paused', 'waiting/approval', 'waiting/decision'],
  edit: ['paused', 'waiting/approval', 'waiting/decision'],
  // An undo that waits for its leases has done nothing yet; cancelled, it is withdrawn.
  cancel: [...open, 'waiting/undo-leases'],
  undo: [...open, 'succeeded', 'failed', 'timed_out', 'cancelled', 'undo_incomplete', 'rejected'],
  'undo to a step': [...begun, 'succeeded', 'failed', 'timed_out', 'cancelled'],
  'undo of one host': [...begun, 'succeeded', 'failed', 'timed_out', 'cancelled'],
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

/** What somebody has said. */
export interface Said {
  readonly verb: Verb;
  readonly arguments: VerbArguments;
}

export function moveOf(said: Said): Move {
  if (said.verb === 'retry' && said.arguments.from !== undefined) return 'retry from a step';
  const scope = undoScope(said);
  if (!scope) return said.verb;
  return 'to' in scope ? 'undo to a step' : 'undo of one host';
}

/** The part of the run that is to go back; undefined where it is the whole, or something else was said. */
export function undoScope({ verb, arguments: { to, host } }: Said): UndoScope | undefined {
  if (verb !== 'undo') return undefined;
  if (to !== undefined) return { to };
  return host === undefined ? undefined : { host };
}

/** Why `verb` is not obeyed in `state`; undefined where it is. */
export function whyNot(verb: Move, state: VerbState): string | undefined {
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
    case 'waiting/leases':
      return 'waiting for its leases';
    case 'waiting/undo-leases':
      return 'waiting for leases to go back';
    case 'waiting/budget':
      return 'waiting for the budget of a group';
    default:
      return state;
  }
}
