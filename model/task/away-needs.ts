import type { Asserted } from '../expression/assertion.js';
import type { Operation } from '../operation.js';
import type { PlannedHint, Register } from '../plan.js';
import type { Intent, Result, TaskName, UndoResult } from '../record.js';
import type { Text, Value } from '../value.js';
import type { EarlierIntent } from './beginning.js';
import type { DueAttempt } from './rounds.js';
import type { Taker } from './undone-by.js';

/** One step that the worker carries out itself, for some hosts of a wave, with the attempt that is due for each. */
export interface AwayRequest {
  readonly run: string;
  readonly phase: number;
  readonly wave: number;
  readonly step: string;
  readonly hosts: readonly DueAttempt[];
}

/** The same step of an undo, for the hosts of one barrier. */
export interface AwayUndoRequest extends Omit<AwayRequest, 'hosts'> {
  readonly undo: number;
  readonly hosts: readonly string[];
}

/** What one host's task will do, and what was announced for it before. */
export interface AwayWork<O extends Operation> {
  readonly operation: O;
  /** The intents of this task whose part is `do`, each with its ending where a result was written. */
  readonly intents: readonly EarlierIntent[];
}

/** A step with all that carrying it out needs, from the stored plan and the records. */
export interface AwayStepWork<O extends Operation> {
  /** What is so afterwards, in words. */
  readonly name: string;
  /** Whether it only reads. */
  readonly reads: boolean;
  /** Whether a second try after a partial or unknown one does no harm. */
  readonly repeatable: boolean;
  /** Seconds that one attempt may take. */
  readonly seconds: number;
  /** Seconds for which it is asked again what became of a request; the worker's default where absent. */
  readonly lostAfter?: number;
  /** What is kept of its output, and what must hold then. */
  readonly register: Readonly<Record<string, Register>>;
  readonly assert: readonly string[];
  /** Known errors in what it reads, where an assertion does not hold. */
  readonly hints?: readonly PlannedHint[];
  readonly hosts: ReadonlyMap<string, AwayWork<O>>;
}

/** A step that goes back. */
export interface AwayUndoWork<O extends Operation> extends AwayStepWork<O> {
  /** Why the plan says that it cannot go back; absent where it goes back by itself. */
  readonly none?: string;
  /** The steps that take it back on each host; absent where it goes back otherwise. */
  readonly takers?: ReadonlyMap<string, readonly Taker[]>;
}

/** The values of one task, with its secrets open. */
export interface AwayValues {
  /** Whether the step's `when` holds for this task. */
  readonly when: boolean;
  fill(text: Text): { readonly value: string; readonly secret: boolean };
  /** The value of a text that is nothing but one expression which the run has resolved, in its own type. */
  whole?(text: Text): Value | undefined;
  /** Every secret this task may show. */
  readonly secrets: readonly string[];
}

/** The life of an activity: only a requested cancel aborts `cancelled`; everything else detaches. */
export interface AwayLife {
  readonly cancelled: AbortSignal;
  unlessDetached<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

/** A task that has been begun: the number of its holder, and its result where this attempt has ended already. */
export interface AwayBegun extends DueAttempt {
  readonly holder: number;
  readonly result?: Result;
}

/** What every step that the worker carries out itself needs of the rest of Belay. */
export interface AwayNeeds<O extends Operation> {
  alive(): AwayLife;
  /** Milliseconds of any clock that only goes forward. */
  now(): number;
  readStep(request: AwayRequest): Promise<AwayStepWork<O>>;
  /** Takes a holder number for each host. Throws where the run is not authorised. */
  beginAttempts(run: string, step: string, hosts: readonly DueAttempt[]): Promise<readonly AwayBegun[]>;
  /** Resolves the task's values, once a task, and opens the secrets it needs. */
  values(task: TaskName, operation: O): Promise<AwayValues>;
  /** Whether nobody has taken the host since `holder` was given. Asked just before each request that changes something. */
  holds(task: TaskName, holder: number): Promise<boolean>;
  /** Evaluates CEL over what the task registered. */
  assert(task: TaskName, expression: string, registered: Readonly<Record<string, Value>>): Promise<Asserted>;
  writeResults(results: readonly Result[]): Promise<void>;
  readUndo(request: AwayUndoRequest): Promise<AwayUndoWork<O>>;
  beginUndoAttempts(
    run: string,
    undo: number,
    step: string,
    hosts: readonly string[],
  ): Promise<readonly { readonly host: string; readonly attempt: number; readonly holder: number }[]>;
  /** Writes that a task goes back, before anything is sent, with the restarts that it will owe. Repeating it is harmless. */
  announceUndo(intent: Intent): Promise<void>;
  writeUndoResults(run: string, undo: number, results: readonly UndoResult[]): Promise<void>;
}
