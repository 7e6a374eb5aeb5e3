import type { LdapOperation } from '../../model/operation.js';
import type { Intent, Result, TaskName, UndoResult } from '../../model/record.js';
import type { EarlierIntent } from '../../model/task/beginning.js';
import type { DueAttempt } from '../../model/task/rounds.js';
import type { Text, Value } from '../../model/value.js';

/** One LDAP step for some hosts of a wave, with the attempt that is due for each. */
export interface LdapStepRequest {
  readonly run: string;
  readonly phase: number;
  readonly wave: number;
  readonly step: string;
  readonly hosts: readonly DueAttempt[];
}

/** One LDAP step of an undo, for the hosts of one barrier. */
export interface LdapUndoRequest {
  readonly run: string;
  readonly undo: number;
  readonly phase: number;
  readonly wave: number;
  readonly step: string;
  readonly hosts: readonly string[];
}

/** What one host's task will do, and what was announced for it before. */
export interface LdapWork {
  readonly operation: LdapOperation;
  /** The intents of this task whose part is `do`, each with its ending where a result was written. */
  readonly intents: readonly EarlierIntent[];
}

/** A step with all that carrying it out needs, from the stored plan and the records. */
export interface LdapStepWork {
  /** What is so afterwards, in words. */
  readonly name: string;
  /** Seconds for which a directory is asked again what became of a request; the worker's default where absent. */
  readonly lostAfter?: number;
  readonly hosts: ReadonlyMap<string, LdapWork>;
}

/** An LDAP step that goes back. */
export interface LdapUndoWork extends LdapStepWork {
  /** Why the plan says that it cannot go back; absent where it goes back by restoring. */
  readonly none?: string;
}

/** The values of one task, with its secrets open. */
export interface LdapValues {
  /** Whether the step's `when` holds for this task. */
  readonly when: boolean;
  fill(text: Text): { readonly value: string; readonly secret: boolean };
  /** Every secret this task may show. */
  readonly secrets: readonly string[];
}

/** The life of an activity: only a requested cancel aborts `cancelled`; everything else detaches. */
export interface LdapLife {
  readonly cancelled: AbortSignal;
  unlessDetached<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

/** A task that has been begun: the number of its holder, and its result where this attempt has ended already. */
export interface LdapBegun extends DueAttempt {
  readonly holder: number;
  readonly result?: Result;
}

/** All that changing an attribute needs of the rest of Belay. */
export interface LdapNeeds {
  alive(): LdapLife;
  readStep(request: LdapStepRequest): Promise<LdapStepWork>;
  /** Takes a holder number for each host. Throws where the run is not authorised. */
  beginAttempts(run: string, step: string, hosts: readonly DueAttempt[]): Promise<readonly LdapBegun[]>;
  /** Resolves the task's values, once a task, and opens the secrets it needs. */
  values(task: TaskName, operation: LdapOperation): Promise<LdapValues>;
  /** Whether nobody has taken the host since `holder` was given. Asked just before each request that changes something. */
  holds(task: TaskName, holder: number): Promise<boolean>;
  /**
   * Writes intent and sealed pre-image in one transaction. The pre-image of the first attempt that may have changed
   * something stays.
   *
   * @returns the pre-image that stands
   */
  keepPreImage(intent: Intent, sealed: Uint8Array): Promise<Uint8Array>;
  readPreImage(task: TaskName): Promise<Uint8Array | undefined>;
  seal(value: Uint8Array): Promise<Uint8Array>;
  open(sealed: Uint8Array): Promise<Uint8Array>;
  writeResults(results: readonly Result[]): Promise<void>;
  /**
   * The value of the attribute with `sets` applied; equal text where it is already so.
   *
   * @throws Error where the text is no JSON, or a pointer does not fit it
   */
  setInJson(text: string, sets: readonly { readonly pointer: string; readonly value: Value }[]): string;
  readUndo(request: LdapUndoRequest): Promise<LdapUndoWork>;
  beginUndoAttempts(
    run: string,
    undo: number,
    step: string,
    hosts: readonly string[],
  ): Promise<readonly { readonly host: string; readonly attempt: number; readonly holder: number }[]>;
  writeUndoResults(run: string, undo: number, results: readonly UndoResult[]): Promise<void>;
  readonly limits: {
    /** Milliseconds until a connection must stand, TLS and login included. */
    readonly connect: number;
    /** Milliseconds for one request. */
    readonly request: number;
    /** Milliseconds for which the directory is asked again what became of a request without an answer. */
    readonly outcome: number;
  };
}
