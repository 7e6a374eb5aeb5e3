/** Where a run can stand. The last seven are final; only `undo` leads out of them, as a new undo. */
export const runStates = [
  'planned',
  'waiting',
  'running',
  'pausing',
  'paused',
  'undoing',
  'succeeded',
  'failed',
  'undone',
  'undo_incomplete',
  'rejected',
  'timed_out',
  'cancelled',
] as const;
export type RunState = (typeof runStates)[number];

export const finalStates: readonly RunState[] = [
  'succeeded',
  'failed',
  'undone',
  'undo_incomplete',
  'rejected',
  'timed_out',
  'cancelled',
];

/** Where a task (one step on one host) can stand. */
export const taskStates = [
  'pending',
  'running',
  'ok',
  'changed',
  'failed',
  'unreachable',
  'unknown',
  'skipped',
  'undone',
  'undo_failed',
] as const;
export type TaskState = (typeof taskStates)[number];

/**
 * How one attempt on one host ended. `ok`: already so, nothing was done. `done`: done and verified. `refused`:
 * surely nothing happened. `partial`: ended badly, something may have happened. `unknown`: nobody can say.
 * `unreachable`: the host was not reached, so surely nothing was started. `skipped`: its `when` was false.
 */
export const endings = ['ok', 'done', 'refused', 'partial', 'unknown', 'unreachable', 'skipped'] as const;
export type Ending = (typeof endings)[number];

/** The task state that an ending leads to once no further try is due. */
export const stateAfter: Readonly<Record<Ending, TaskState>> = {
  ok: 'ok',
  done: 'changed',
  refused: 'failed',
  partial: 'failed',
  unknown: 'unknown',
  unreachable: 'unreachable',
  skipped: 'skipped',
};

/**
 * The state of a task after an attempt of it.
 *
 * @param reads - whether its step only reads: then there is nothing that it could have changed
 */
export function stateAfterResult(ending: Ending, reads: boolean): TaskState {
  return reads && ending === 'done' ? 'ok' : stateAfter[ending];
}

/** Endings after which the host goes on to the next step. */
export function goesOn(ending: Ending): boolean {
  return ending === 'ok' || ending === 'done' || ending === 'skipped';
}
