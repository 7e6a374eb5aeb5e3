import type { RunState, TaskState } from '../../model/states.js';

/** How the program ends: the one list; `docs/cli.md` prints it. */
export const exitCodes = {
  succeeded: 0,
  error: 1,
  usage: 2,
  failed: 3,
  unreachable: 4,
  rejected: 5,
  cancelled: 6,
  timed_out: 7,
  undone: 8,
  findings: 9,
  undo_incomplete: 10,
  waiting: 11,
  detached: 130,
  pipe_closed: 141,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * The exit code for the way a run stands. `failed` with only unreachable hosts has its own; a run that goes on is no
 * failure.
 */
export function exitCodeOf(state: RunState, tasks: Iterable<TaskState>): ExitCode {
  switch (state) {
    case 'failed':
      return onlyUnreachable(tasks) ? exitCodes.unreachable : exitCodes.failed;
    case 'rejected':
    case 'cancelled':
    case 'timed_out':
    case 'undone':
    case 'undo_incomplete':
    case 'waiting':
      return exitCodes[state];
    default:
      return exitCodes.succeeded;
  }
}

function onlyUnreachable(tasks: Iterable<TaskState>): boolean {
  const states = new Set(tasks);
  return states.has('unreachable') && !states.has('failed') && !states.has('unknown');
}
