import type { Retry } from '../plan.js';
import type { StepOutline, TaskRecord } from '../record.js';
import { goesOn, type Ending, type TaskState } from '../states.js';

/** One host's next attempt of a step. */
export interface DueAttempt {
  readonly host: string;
  readonly attempt: number;
}

/** Whether the workflow may try again after this ending without asking anybody. */
export function mayTryAgain(ending: Ending, repeatable: boolean): boolean {
  if (goesOn(ending)) return false;
  return ending === 'refused' || ending === 'unreachable' || repeatable;
}

/** Seconds to wait before try number `tries + 1`, after `tries` tries. */
export function pause(retry: Retry, tries: number): number {
  return Math.min(retry.cap, retry.interval * retry.backoff ** (tries - 1));
}

/**
 * The attempts a step still owes, from its wave's records: the highest recorded attempt is taken up again where it
 * has no result, else the next one is due. Hosts whose task is settled for good are not due.
 */
export function dueAttempts(step: StepOutline, tasks: readonly TaskRecord[], out: ReadonlySet<string>): DueAttempt[] {
  return step.hosts
    .filter((host) => !out.has(host))
    .flatMap((host) => {
      const task = tasks.find((one) => one.step === step.id && one.host === host);
      if (!task) return [{ host, attempt: 1 }];
      if (task.state !== 'pending' && task.state !== 'running') return [];
      return [{ host, attempt: task.attempt > 0 && !task.settled ? task.attempt : task.attempt + 1 }];
    });
}

/** Whether a task keeps its host from going on until somebody decides; `undo_failed` where a part of a run went back. */
export function waitsForDecision(state: TaskState): boolean {
  return state === 'failed' || state === 'unreachable' || state === 'unknown' || state === 'undo_failed';
}

/** Hosts of a wave that are already out because a task of theirs failed and nobody has decided otherwise. */
export function hostsOut(tasks: readonly TaskRecord[]): Set<string> {
  return new Set(tasks.filter((task) => waitsForDecision(task.state)).map((task) => task.host));
}

/** Those of them of which nobody knows what became of a task. */
export function hostsUnknown(tasks: readonly TaskRecord[]): Set<string> {
  return new Set(tasks.filter((task) => task.state === 'unknown').map((task) => task.host));
}

/**
 * What a step has begun and nobody knows the end of, or did not when somebody said `retry`: due also where more hosts
 * have failed than may, for a wave stops after its present step and not in the midst of it.
 */
export function openEnds(step: StepOutline, tasks: readonly TaskRecord[], out: ReadonlySet<string>): DueAttempt[] {
  const isOpen = ({ state, attempt, settled, ending }: TaskRecord): boolean =>
    state === 'running' || (attempt > 0 && !settled) || ending === 'unknown';
  return dueAttempts(step, tasks, out).filter(({ host }) =>
    tasks.some((task) => task.step === step.id && task.host === host && isOpen(task)),
  );
}
