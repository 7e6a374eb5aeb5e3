import { finalStates, runStates, type RunState } from './states.js';

/**
 * The one table of a run's moves: from where, to where. A final state is left by an undo alone. `waiting` is for a
 * person or for leases, so it lies between any two open states.
 */
const runMoves: Readonly<Record<RunState, readonly RunState[]>> = {
  planned: ['waiting', 'running', 'undoing', 'failed', 'cancelled'],
  waiting: [
    'running',
    'pausing',
    'paused',
    'undoing',
    'undo_incomplete',
    'rejected',
    'timed_out',
    'cancelled',
    'failed',
    'succeeded',
  ],
  running: ['waiting', 'pausing', 'paused', 'undoing', 'succeeded', 'failed', 'rejected', 'timed_out', 'cancelled'],
  pausing: ['paused', 'running', 'waiting', 'undoing', 'succeeded', 'failed', 'timed_out', 'cancelled'],
  paused: ['running', 'waiting', 'undoing', 'failed', 'timed_out', 'cancelled'],
  undoing: ['waiting', 'paused', 'undone', 'undo_incomplete'],
  succeeded: ['undoing'],
  failed: ['undoing'],
  undone: [],
  undo_incomplete: ['undoing'],
  rejected: ['undoing'],
  timed_out: ['undoing'],
  cancelled: ['undoing'],
};

/** Whether a run may go from one state to another. Staying where it is is no move. */
export function mayMove(from: RunState, to: RunState): boolean {
  return runMoves[from].includes(to);
}

/**
 * Whether a run may be sent there on the way that it goes: back while an undo of it is open, else forward. An undo leads
 * it back; what is left of its way forward must not lead it on meanwhile, nor the other way round.
 *
 * @param reason - what it is to wait for, where it is to wait
 */
export function mayBeSent(to: RunState, reason: unknown, undoIsOpen: boolean): boolean {
  const back = to === 'undoing' || (to === 'waiting' && reason === 'undo-decision');
  return back === undoIsOpen;
}

export function isFinal(state: RunState): boolean {
  return finalStates.includes(state);
}

/** Every state that a run can be left open in. */
export const openStates: readonly RunState[] = runStates.filter((state) => !isFinal(state));
