import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** Task queue of workflows and activities alike. */
export const taskQueue = 'belay';

/** Workflow ids, by which everybody finds a run in Temporal. */
export const runWorkflowId = (run: string): string => `run:${run}`;
export const phaseWorkflowId = (run: string, phase: number, wave: number): string => `run:${run}:${phase}:${wave}`;
export const livePlanWorkflowId = (live: string): string => `livePlan:${live}`;
export const undoWorkflowId = (run: string, undo: number): string => `undo:${run}:${undo}`;

/** The run that a workflow belongs to, from its id; undefined for those that belong to none. */
export const runOf = (workflowId: string): string | undefined => /^(?:run|undo|quiet):([^:]+)/.exec(workflowId)?.[1];
/** The workflow that speaks for an open run: its undo where one is open, else the run's own. */
export function speaker(run: {
  readonly run: string;
  readonly undo?: { readonly number: number; readonly open: boolean };
}): string {
  return run.undo?.open === true ? undoWorkflowId(run.run, run.undo.number) : runWorkflowId(run.run);
}

/**
 * A nudge: "there is a verb of this id in Postgres". It carries nothing else, so that nobody who can only talk to
 * Temporal can say anything. Its update id is the verb's id, so that delivering twice is harmless.
 */
export const verbUpdate = defineUpdate<void, [verb: string]>('verb');

/** From `runbook` to its `phase`: stop after the present step, or cancel the present step too. */
export const holdSignal = defineSignal<[how: 'after-step' | 'now']>('hold');

/** To a workflow that waits: ask Postgres again. It carries nothing, so that nobody can let a run go on by it. */
export const wakeSignal = defineSignal('wake');

/** One line on where the workflow stands, for people in Temporal's web UI. */
export const standingQuery = defineQuery<string>('standing');

export interface RunbookArgument {
  readonly run: string;
  /** Verbs that an earlier life of the workflow had not looked at when it went on as a new one. */
  readonly verbs?: readonly string[];
  /** The undo of a part of the run, after which it goes on; it begins when that one has ended. */
  readonly after?: number;
}
export interface PhaseArgument {
  readonly run: string;
  readonly phase: number;
  readonly wave: number;
}
export interface UndoArgument {
  readonly run: string;
  readonly undo: number;
  /** As in `RunbookArgument`. */
  readonly verbs?: readonly string[];
  /** Where an earlier life stood; all before it, that is of later phases and waves, is over. */
  readonly from?: { readonly phase: number; readonly wave: number };
}

export interface LivePlanArgument {
  readonly live: string;
}

/** Why a `phase` came back: through, hosts failed beyond what is allowed, or it was asked to hold. */
export interface PhaseStanding {
  readonly standing: 'done' | 'failed' | 'held';
  /** Hosts that are out of the wave, failed within what is allowed or beyond it. */
  readonly failed: readonly string[];
  /** Those of them of which nobody knows what became of a task; absent where there are none. */
  readonly unknown?: readonly string[];
}
