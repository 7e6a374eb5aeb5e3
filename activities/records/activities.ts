import type { DueAttempt } from '../../model/task/rounds.js';
import type {
  LiveOutline,
  RunOutline,
  Standing,
  UndoneHost,
  UndoOutline,
  UndoResult,
  UndoScope,
  VerbOutcome,
  SaidVerb,
  WaveOutline,
} from '../../model/record.js';
import type { RunState } from '../../model/states.js';
import type { Value } from '../../model/value.js';

/** What a gate comes to when Postgres is asked. */
export interface GateStanding {
  readonly open: boolean;
  readonly rejected?: { readonly by: string; readonly reason: string };
  readonly votes: number;
  readonly wanted: number;
  /** Seconds until votes count no more, by the clock of Postgres; absent where they always do. */
  readonly left?: number;
}

/** The wave at which a run stands. */
export interface Wave {
  readonly phase: number;
  readonly wave: number;
}

/** What to do with a wave's tasks after an operator has decided. */
export interface Reopening {
  readonly run: string;
  readonly phase: number;
  readonly wave: number;
  readonly step?: string;
  readonly host?: string;
}

/** The workflows' hand on Postgres: short transactions, each harmless when it is repeated. */
export interface RecordsActivities {
  /** The run's outline; refuses a run that has no authorised row. Makes the run's own secrets on the first call. */
  beginRun(run: string): Promise<RunOutline>;
  moveRun(run: string, to: RunState, data?: Readonly<Record<string, Value>>): Promise<void>;
  /** Moves the run to its end; frees its leases, unless something of it may still go on on a host. */
  endRun(run: string, to: RunState, data?: Readonly<Record<string, Value>>): Promise<void>;
  releaseLeases(run: string): Promise<void>;
  /** Takes the leases of a run that waits for them, if its turn has come; whether it holds them now. */
  takeTurn(run: string): Promise<boolean>;
  /** Where a live plan has to look. */
  openLivePlan(live: string): Promise<LiveOutline>;
  /** Closes a live plan; gives its hash. */
  closeLivePlan(live: string): Promise<string>;
  /** Opens the live plan that a run makes at its begin. */
  openRunLivePlan(run: string): Promise<LiveOutline>;
  /** Closes it and compares it with the one that the run demands: what is otherwise, in words, or an empty text. */
  judgeLivePlan(run: string, live: string): Promise<string>;
  /** Begins a wave if the budgets of its groups have room for it. */
  beginWave(run: string, phase: number, wave: number): Promise<boolean>;
  endWave(run: string, phase: number, wave: number): Promise<void>;
  /** Notes that a phase is through; or gives its first wave in which nobody knows what became of a task, and notes nothing. */
  finishPhase(run: string, phase: number): Promise<number | undefined>;
  /** The own task queue of the worker that is asked: it alone takes from it, for as long as it lives. */
  ownQueue(): Promise<string>;
  readWave(run: string, phase: number, wave: number): Promise<WaveOutline>;
  /** Asks for the approval before a phase. One that was asked for before keeps its deadline. */
  askApproval(run: string, phase: number, seconds?: number): Promise<GateStanding>;
  /** Counts the votes in Postgres against the plan's hash; opens the gate when they suffice. The only way. */
  tryGate(run: string, phase: number): Promise<GateStanding>;
  /** Undefined where Postgres knows no such verb: whoever nudged us made it up. */
  readVerb(verb: string): Promise<SaidVerb | undefined>;
  settleVerb(verb: string, outcome: VerbOutcome): Promise<void>;
  reopenTasks(which: Reopening, by: string): Promise<number>;
  skipTasks(which: Reopening, reason: string, by: string): Promise<number>;
  /**
   * Does what a word about tasks, hosts or the plan asks for, and writes what became of it, in one transaction.
   *
   * @param late - said with the refusal of what another word has overtaken
   * @returns whether it was obeyed, and whether that lets a run go on that waited for a decision
   */
  obey(verb: string, where: Wave, late: string): Promise<{ readonly accepted: boolean; readonly decides: boolean }>;
  /** Steps that touch nothing outside: a note is told, a wait that is over is recorded. */
  recordStep(run: string, step: string, hosts: readonly DueAttempt[]): Promise<Standing[]>;
  /** Why that part of the run cannot go back; undefined where it can. */
  whyNoUndo(run: string, scope: UndoScope): Promise<string | undefined>;
  /** Commits an undo of the run, or of a part of it, and starts its workflow; returns its number. */
  handOverToUndo(run: string, by: string, scope?: UndoScope): Promise<number>;
  /** Starts the run's workflow again, which waits for the end of this undo of a part of it. */
  goOnAfterUndo(run: string, undo: number): Promise<void>;
  undoIsOpen(run: string, undo: number): Promise<boolean>;
  readUndo(run: string, undo: number): Promise<UndoOutline<UndoneHost>>;
  /** Steps that touched nothing outside go back by being written down. */
  recordUndo(request: {
    readonly run: string;
    readonly undo: number;
    readonly step: string;
    readonly hosts: readonly string[];
  }): Promise<UndoResult[]>;
  /** An operator's word that tasks, or restarts, stay as they are. */
  leaveTasks(
    run: string,
    undo: number,
    tasks: readonly Pick<UndoResult, 'step' | 'host' | 'restarts'>[],
    reason: string,
    by: string,
  ): Promise<void>;
  /** Ends the undo and, where the whole run went back, frees the leases; returns how many tasks are not as before. */
  finishUndo(run: string, undo: number): Promise<number>;
  /** Ends an undo that still waits for its leases. */
  withdrawUndo(run: string, undo: number, by: string): Promise<void>;
  /** Whether the run's own workflow is still open in Temporal. */
  runbookIsOpen(run: string): Promise<boolean>;
}
