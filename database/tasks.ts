import type { TaskName, TaskRecord } from '../model/record.js';
import type { TaskState } from '../model/states.js';
import type { Database } from './connect.js';

/** A task with its place in the run. */
export interface PlacedTask extends TaskRecord {
  readonly phase: number;
  readonly wave: number;
  readonly exit?: number;
  readonly milliseconds?: number;
  readonly summary?: string;
  /** Who settled it by word, and why. */
  readonly settledBy?: { readonly by: string; readonly because: string };
}

/** Every task of a run, in the order of phases, waves, steps and hosts. */
export async function readTasks(db: Database, run: string): Promise<PlacedTask[]> {
  throw new Error('not built yet');
}

/**
 * Settles a task by an operator's word. What an attempt of it reports later is kept but no longer counts.
 *
 * @throws UnknownTask
 */
export async function settleTask(
  db: Database,
  word: TaskName & {
    readonly state: Extract<TaskState, 'skipped' | 'changed'>;
    readonly because: string;
    readonly by: string;
  },
): Promise<void> {
  throw new Error('not built yet');
}

/**
 * Makes failed, unreachable and unknown tasks pending again, so that their next attempt is due.
 *
 * @returns the tasks that were reopened
 */
export async function reopenTasks(
  db: Database,
  run: string,
  tasks: readonly { readonly step: string; readonly host: string }[],
  by: string,
): Promise<{ step: string; host: string }[]> {
  throw new Error('not built yet');
}
